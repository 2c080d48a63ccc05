"""Who may log in: users, passwords, roles, API tokens, sessions; wrong logins slowed down, all of it written down."""
