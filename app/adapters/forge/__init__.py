"""GitHub and GitLab, where the comment on a pull request is kept up to date."""
