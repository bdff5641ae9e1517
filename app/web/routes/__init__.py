"""The routes of the pages, one module per page or group of pages, and that of the static files."""
