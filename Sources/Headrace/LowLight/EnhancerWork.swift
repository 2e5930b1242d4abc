import CHeadrace

/// One step of an enhancement while it is shared out. Lies in the enhancer's memory, as a session's does.
struct EnhancerWork {
  enum Phase {
    case summary
    case tones
  }

  let enhancer: UnsafePointer<Enhancer>
  let view: FrameView
  let out: UnsafeMutablePointer<UInt8>
  let stride: Int
  let phase: Phase
  let parts: Int
  let progress: UnsafeMutablePointer<UInt8>

  static func share(_ part: Int, of parts: Int, _ count: Int) -> Range<Int> {
    part &* count / parts..<(part &+ 1) &* count / parts
  }

  func run(_ place: UnsafeMutablePointer<EnhancerWork>) throws(Failure) {
    let configuration = enhancer.pointee.configuration
    guard parts > 1, let parallel = configuration.parallel else {
      for part in 0..<parts { run(part: part) }
      return
    }
    place.initialize(to: self)
    progress.update(repeating: 0, count: parts)
    parallel(
      configuration.parallelContext, UInt32(truncatingIfNeeded: parts),
      { context, part in
        context?.assumingMemoryBound(to: EnhancerWork.self).pointee.runOnce(part: Int(part))
      }, place)
    for part in 0..<parts where progress[part] != 2 {
      throw Failure(
        HR_INVALID_ARGUMENT, "the enhancer's parallel returned before all parts were done",
        remedy: "call body once for every index, and wait for all")
    }
  }

  private func runOnce(part: Int) {
    guard part < parts, progress[part] == 0 else { return }
    progress[part] = 1
    run(part: part)
    progress[part] = 2
  }

  private func run(part: Int) {
    let rows = enhancer.pointee.rows(of: view, part: part)
    let kernels = enhancer.pointee.kernels
    switch phase {
    case .summary:
      enhancer.pointee.summary.add(
        view, cellRows: Self.share(part, of: parts, ToneSummary.rows), rows.row, kernels)
    case .tones:
      rows.apply(
        enhancer.pointee.table, Self.share(part, of: parts, view.height), of: view, kernels,
        to: out, stride: stride)
    }
  }
}
