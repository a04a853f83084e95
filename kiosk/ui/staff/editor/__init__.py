"""The question editor: pages on which surveys are changed, tried out and put in force."""
