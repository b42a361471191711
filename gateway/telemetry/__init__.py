"""What the operator sees of a running gateway: log lines, ids that find a request again, counts, and how it is."""
