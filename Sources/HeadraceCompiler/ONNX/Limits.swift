/// What the importer accepts. Networks beyond these cannot run on a board anyway; checking them here
/// keeps arithmetic on shapes free of overflow and allocations in proportion to the file.
enum Limits {
  /// As `HRM_MAX_RANK`.
  static let rank = 6
  /// Elements of one tensor.
  static let elements = 1 << 31 - 1
  /// Elements of one constant that the importer computes. What only moves the elements of another
  /// constant may be larger.
  static let foldedElements = 1 << 24
  /// Of all computed constants together.
  static let foldedElementsInAll = 1 << 27
  static let nodes = 16_384
  /// Strides, dilations, pads and extents of windows; a field of the model file has 16 bits for them.
  static let window = 65_535

  /// The number of elements, or nil if an extent is negative or there are too many.
  static func elementCount(_ shape: [Int]) -> Int? {
    var count = 1
    for extent in shape {
      guard extent >= 0 else { return nil }
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow, product <= elements else { return nil }
      count = product
    }
    return count
  }
}
