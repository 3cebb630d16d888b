"""REST, Gamma, Data API and websockets: the wire on one side, the engine on the other."""
