"""From a draft to every kiosk: preview, publishing, history and roll back, spreadsheets."""
