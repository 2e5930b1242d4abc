/// Health as the Open Inference Protocol has it: a status of 200 says yes, 400 no, and there is no body.
///
/// Live: it takes requests at all. Ready: all tails answer packets. Of one tail it is the same, for every worker has
/// sessions of all.
struct ServeHealth {
  let service: TailService

  /// nil: the protocol has no such path here.
  func page(_ path: String) -> HTTPServer.Page? {
    switch path {
    case "/v2/health/live": return tell(true)
    case "/v2/health/ready": return tell(service.isReady)
    default: break
    }
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    // A tail's name may be a path.
    guard parts.count >= 5, parts[..<3].elementsEqual(["", "v2", "models"]), parts.last == "ready"
    else { return nil }
    let name = parts[3..<(parts.count - 1)].joined(separator: "/")
    return tell(service.tails.contains { $0.name == name } && service.isReady)
  }

  private func tell(_ isSo: Bool) -> HTTPServer.Page { .init(status: isSo ? 200 : 400, text: "") }
}
