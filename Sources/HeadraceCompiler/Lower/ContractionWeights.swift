import CHeadrace

/// Weights of a convolution or dense layer as one row for each output channel, [O][kh][kw][I/G].
struct ContractionWeights<Element> {
  var rows: [[Element]]
  var groups: Int

  /// From a convolution's [O, I/G, kh, kw].
  init(convolution elements: [Element], shape: [Int], groups: Int) {
    let (depth, area) = (shape[1], shape[2] * shape[3])
    rows = (0..<shape[0]).map { o in
      (0..<area * depth).map { elements[(o * depth + $0 % depth) * area + $0 / depth] }
    }
    self.groups = groups
  }

  /// From a transposed convolution's [I, O/G, kh, kw].
  init(transposed elements: [Element], shape: [Int], groups: Int) {
    let (perGroup, area) = (shape[1], shape[2] * shape[3])
    let depth = shape[0] / groups
    rows = (0..<perGroup * groups).map { o in
      (0..<area * depth).map { k in
        let i = o / perGroup * depth + k % depth
        return elements[(i * perGroup + o % perGroup) * area + k / depth]
      }
    }
    self.groups = groups
  }

  /// From a dense layer's [N, K].
  init(dense elements: [Element], outputs: Int) {
    let depth = elements.count / outputs
    rows = (0..<outputs).map { Array(elements[$0 * depth..<($0 + 1) * depth]) }
    groups = 1
  }

  init(rows: [[Element]], groups: Int) {
    self.rows = rows
    self.groups = groups
  }

  var outputs: Int { rows.count }

  /// For each place in the padded channel order, the output channel there; nil: padding. Blocks of
  /// HRM_BLOCK channels never span two groups.
  var blockedChannels: [Int?] {
    let perGroup = outputs / groups
    let padded = padToBlock(perGroup)
    return (0..<groups * padded).map {
      $0 % padded < perGroup ? $0 / padded * perGroup + $0 % padded : nil
    }
  }

  /// Depthwise weights are padded once, at the end.
  var linearChannels: [Int?] {
    (0..<padToBlock(outputs)).map { $0 < outputs ? $0 : nil }
  }

  /// [P / 8][ceil(K / run)][8][run]: `run` consecutive weights of each of eight channels, then the
  /// next; zero behind a row's end and where there is no channel.
  func blocked(run: Int, zero: Element) -> [Element] {
    let channels = blockedChannels
    let block = Int(HRM_BLOCK)
    let depth = rows[0].count
    var packed: [Element] = []
    packed.reserveCapacity(channels.count * (depth + run))
    for first in stride(from: 0, to: channels.count, by: block) {
      for start in stride(from: 0, to: depth, by: run) {
        for channel in channels[first..<first + block] {
          for k in start..<start + run {
            packed.append(k < depth ? channel.map { rows[$0][k] } ?? zero : zero)
          }
        }
      }
    }
    return packed
  }

  /// [kh * kw][P] of a depthwise convolution.
  func linear(zero: Element) -> [Element] {
    let channels = linearChannels
    return rows[0].indices.flatMap { k in channels.map { $0.map { rows[$0][k] } ?? zero } }
  }
}

/// `count` rounded up to a whole number of blocks of output channels.
func padToBlock(_ count: Int) -> Int {
  let block = Int(HRM_BLOCK)
  return (count + block - 1) / block * block
}
