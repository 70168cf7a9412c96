"""A site of real processes to break: web servers, PostgreSQL, Redis, an upstream, and visitors with sockets."""
