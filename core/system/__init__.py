"""The machine: CPU and memory limits, memory use and logs."""
