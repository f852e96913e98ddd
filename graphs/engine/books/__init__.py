"""Records what became of viewers: ledger, turns, budget, and the journal that outlives the process."""
