/// Brings an imported graph into the form that is quantized and lowered: channels-last, without what a
/// neighbour can do along, with quantization stated by values.
///
/// - Parameter progress: Called before each pass with its name and the part of the work done, 0 to 1.
public func optimize(
  _ graph: inout Graph, progress: (_ pass: String, _ done: Double) -> Void = { _, _ in }
) throws {
  let passes: [(String, (inout Graph) -> Void)] = [
    ("remove dead code", { $0.removeDeadCode() }),
    ("store channels last", { $0.storeChannelsLast() }),
    ("fold constants", { $0.foldConstants() }),
    ("simplify", { $0.simplify() }),
    ("fuse functions", { $0.fuseFunctions() }),
    ("remove dead code", { $0.removeDeadCode() }),
    ("simplify", { $0.simplify() }),
    ("fold scale and shift", { $0.foldScaleShift() }),
    ("fuse activations", { $0.fuseActivations() }),
    ("remove dead code", { $0.removeDeadCode() }),
    ("adopt quantization", { $0.adoptQuantization() }),
    ("simplify", { $0.simplify() }),
    ("fuse activations", { $0.fuseActivations() }),
    ("remove dead code", { $0.removeDeadCode() }),
  ]
  for (index, pass) in passes.enumerated() {
    progress(pass.0, Double(index) / Double(passes.count))
    pass.1(&graph)
  }
  progress("done", 1)
}
