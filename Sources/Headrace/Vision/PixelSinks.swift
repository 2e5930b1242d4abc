import CHeadrace

/// Takes the pixels of a scaled frame, piece by piece, each pixel once.
enum PixelSink {
  case picture(PictureSink)
  case tensor(TensorSink)

  /// RGB24 for columns `column ..< column + count` of row `row` of the target, at most
  /// `StripMemory.columns` of them.
  func write(_ rgb: UnsafePointer<UInt8>, row: Int, column: Int, count: Int) {
    switch self {
    case .picture(let sink): sink.write(rgb, row: row, column: column, count: count)
    case .tensor(let sink): sink.write(rgb, row: row, column: column, count: count)
    }
  }
}

/// Writes pixels to memory as they are: RGB24 with a stride.
struct PictureSink {
  let out: UnsafeMutablePointer<UInt8>
  let stride: Int

  func write(_ rgb: UnsafePointer<UInt8>, row: Int, column: Int, count: Int) {
    UnsafeMutableRawPointer(out + row &* stride + column &* 3)
      .copyMemory(from: rgb, byteCount: count &* 3)
  }
}

/// Writes pixels to an input tensor through the model's normalisation table.
struct TensorSink {
  /// [1][height][width][channels] of `type`.
  let data: UnsafeMutableRawPointer
  let type: hrm_type
  let width: Int
  let channels: Int
  /// [channels][256] of `type`.
  let table: UnsafeRawPointer
  let isBGR: Bool
  let kernels: UnsafePointer<hr_kernels>

  func write(_ rgb: UnsafePointer<UInt8>, row: Int, column: Int, count: Int) {
    if channels == 1 {
      var gray = InlineArray<256, UInt8>(repeating: 0)  // as many as StripMemory.columns
      withUnsafeMutablePointer(to: &gray) {
        let gray = UnsafeMutableRawPointer($0).assumingMemoryBound(to: UInt8.self)
        kernels.pointee.frame.luma(rgb, count, gray)
        normalize(gray, row: row, column: column, count: count)
      }
    } else {
      normalize(rgb, row: row, column: column, count: count)
    }
  }

  private func normalize(_ values: UnsafePointer<UInt8>, row: Int, column: Int, count: Int) {
    let first = (row &* width &+ column) &* channels
    let swap: UInt32 = isBGR ? 1 : 0
    switch type {
    case HRM_INT8:
      kernels.pointee.frame.lookup_int8(
        values, count, channels, swap, table.assumingMemoryBound(to: Int8.self),
        data.assumingMemoryBound(to: Int8.self) + first)
    case HRM_INT16:
      kernels.pointee.frame.lookup_int16(
        values, count, channels, swap, table.assumingMemoryBound(to: Int16.self),
        data.assumingMemoryBound(to: Int16.self) + first)
    default:
      kernels.pointee.frame.lookup_float32(
        values, count, channels, swap, table.assumingMemoryBound(to: Float.self),
        data.assumingMemoryBound(to: Float.self) + first)
    }
  }
}

extension TensorSink {
  /// For a picture input of a verified model: `input` says how, `data` is its tensor's memory.
  init(
    _ input: UnsafePointer<hrm_frame_input>, of model: Model, _ data: UnsafeMutableRawPointer,
    _ kernels: UnsafePointer<hr_kernels>
  ) {
    let tensor = model.view.input(Int(input.pointee.input))
    let table = model.view.tensors + Int(input.pointee.table)
    self.init(
      data: data, type: hrm_type(UInt32(tensor.pointee.type)), width: tensor.pointee.width,
      channels: tensor.pointee.channels, table: model.view.constants + Int(table.pointee.offset),
      isBGR: UInt32(input.pointee.color) == HRM_BGR.rawValue, kernels: kernels)
  }
}
