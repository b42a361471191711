"""The legacy dialect. No other place knows `id_encoded` or `status_txt`."""
