"""Charts as values: what is drawn, its table, its words; templates/charts draws them on a page and as SVG."""
