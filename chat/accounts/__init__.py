"""Who may have an account and how they come in: adapters of django-allauth, invitations, approvals, one-time links."""
