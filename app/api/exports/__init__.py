"""Tables as files: CSV, XLSX and GeoJSON, and how many are made at once."""
