"""Those who mean no good, in a process of their own: strangers, a user's sockets, and who asks for hostile answers."""
