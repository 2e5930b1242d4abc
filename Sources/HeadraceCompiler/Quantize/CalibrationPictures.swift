import CHeadrace
import CHeadrace.Devices

/// Pictures, prepared for the model's input as on the board.
struct CalibrationPictures: CalibrationData {
  private let paths: [String]

  init(_ paths: [String]) { self.paths = paths }

  var count: Int { paths.count }

  func load(_ index: Int, into runner: ModelRunner) throws {
    let size = try runner.frameSize(0)
    var config = hr_source_config()
    hr_source_config_init(&config)
    (config.width, config.height) = size
    do {
      var source: OpaquePointer?
      try RuntimeError.check { error in
        hr_source_open(&source, paths[index], &config, error)
      }
      defer { hr_source_close(source) }
      var picture = hr_source_frame()
      picture.struct_size = UInt32(MemoryLayout<hr_source_frame>.size)
      try RuntimeError.check { error in hr_source_next(source, &picture, error) }
      try runner.setFrame(picture.frame, to: 0)
    } catch let error as RuntimeError {
      // What the device library says names the path itself.
      throw CompilerError("\(error)", at: error.message.contains(paths[index]) ? nil : paths[index])
    }
  }
}

extension ModelRunner {
  /// Fills input `index` with a frame, as the model's metadata says.
  fileprivate func setFrame(_ frame: hr_frame, to index: Int) throws {
    var frame = frame
    try RuntimeError.check { error in
      hr_session_set_frame(session, UInt32(index), &frame, error)
    }
  }

  /// The smallest frame that loses nothing for input `index`.
  fileprivate func frameSize(_ index: Int) throws -> (width: UInt32, height: UInt32) {
    var model = loaded.model
    var (width, height): (UInt32, UInt32) = (0, 0)
    try RuntimeError.check { _ in hr_model_frame_size(&model, UInt32(index), &width, &height) }
    return (width, height)
  }
}
