/// How a tensor of the source network is stored: for each stored axis, which of the network's axes it
/// is; nil: an axis of extent 1 that the network does not have. Axes of extent 1 need not be stored.
struct StoredLayout: Hashable {
  var axes: [Int?]

  init(_ axes: [Int?]) { self.axes = axes }

  static func identity(_ rank: Int) -> StoredLayout { StoredLayout(Array(0..<rank)) }

  /// N x C x H x W stored as N x H x W x C.
  static let image = StoredLayout([0, 2, 3, 1])
  /// N x C x T stored as N x 1 x T x C.
  static let sequence = StoredLayout([0, nil, 2, 1])

  func shape(_ source: [Int]) -> [Int] { axes.map { $0.map { source[$0] } ?? 1 } }

  /// The axes with more than one element, in the order they are stored.
  func order(_ source: [Int]) -> [Int] { axes.compactMap { $0 }.filter { source[$0] > 1 } }

  func position(of axis: Int) -> Int? { axes.firstIndex(of: axis) }

  /// With every axis of a tensor of this rank: in places that have none, else behind its predecessor.
  func complete(_ rank: Int) -> StoredLayout {
    var result = axes
    for axis in 0..<rank where !result.contains(axis) {
      if let free = result.firstIndex(of: nil) {
        result[free] = axis
      } else {
        let before = axis == 0 ? nil : result.firstIndex(of: axis - 1)
        result.insert(axis, at: before.map { $0 + 1 } ?? 0)
      }
    }
    return StoredLayout(result)
  }

  /// Without axes that the network does not have.
  var withoutExtraAxes: StoredLayout { StoredLayout(axes.filter { $0 != nil }) }

  /// The layout of the transposed tensor whose axis k is this one's axis `permutation[k]`, stored in
  /// the same place.
  func transposed(_ permutation: [Int]) -> StoredLayout {
    StoredLayout(axes.map { axis in axis.flatMap { permutation.firstIndex(of: $0) } })
  }

  /// The layout of the same stored tensor seen as `target`, which has `source`'s axes but for some of
  /// extent 1; nil if it has others.
  func relabelled(from source: [Int], to target: [Int]) -> StoredLayout? {
    let before = source.indices.filter { source[$0] > 1 }
    let after = target.indices.filter { target[$0] > 1 }
    guard before.map({ source[$0] }) == after.map({ target[$0] }) else { return nil }
    let renamed = Dictionary(uniqueKeysWithValues: zip(before, after))
    var result = axes.map { axis in axis.flatMap { renamed[$0] } }
    // Axes of extent 1 may stand anywhere: as in an image or sequence if that is possible.
    for preferred in [StoredLayout.image, .sequence, .identity(target.count)]
    where preferred.axes.count == result.count
      && preferred.axes.compactMap({ $0 }).count == target.count
    {
      let fits = zip(preferred.axes, result).allSatisfy { wanted, actual in
        actual == nil ? wanted.map { target[$0] == 1 } ?? true : actual == wanted
      }
      if fits { return preferred }
    }
    var rest = target.indices.filter { target[$0] == 1 }[...]
    for position in result.indices where result[position] == nil && !rest.isEmpty {
      result[position] = rest.removeFirst()
    }
    return StoredLayout(result)
  }
}
