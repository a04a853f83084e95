"""The pages that run head office: kiosks, alerts, people, tokens, misuse rules, the audit, settings."""
