"""What head office keeps: every table, every statement. Verbs and pages come here; SQLAlchemy stays here."""
