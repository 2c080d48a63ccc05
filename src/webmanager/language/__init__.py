"""The languages of pages and messages: one catalogue for templates, scripts, alarm sentences and mails."""
