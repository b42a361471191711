"""What is wrong with an installation, in words: with its settings before it runs (`gateway config --check`), and with
what stands between it and its clients once it does (`gateway doctor`)."""
