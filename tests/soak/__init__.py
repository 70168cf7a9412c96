"""Long drills that put figures to the promise that no reply is ever lost: `make soak`."""
