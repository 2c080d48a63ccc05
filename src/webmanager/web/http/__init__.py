"""What every handler speaks: queries, answers, problems, packed bytes and files; knows no device."""
