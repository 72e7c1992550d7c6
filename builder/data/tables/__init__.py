"""Tables: CSV, Excel and Parquet files as typed columns."""
