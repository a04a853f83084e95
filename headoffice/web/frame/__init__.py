"""The frame around every page for people: navigation, filters that live in the URL, downloads of charts."""
