/// How many of `threads` parts are worth starting for work of `cost` element operations that can be cut
/// in `items` pieces: one per 32,768, about what waking a thread costs on the slowest board.
func worthwhileParts(cost: Int, items: Int, threads: Int) -> Int {
  max(1, min(threads, items, cost / 32_768))
}
