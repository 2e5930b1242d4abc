import ArgumentParser
import CMicroHTTPD
import Foundation
import HeadraceCompiler

/// A few pages over HTTP, made when they are asked for, by a thread of their own.
final class HTTPServer {
  struct Page: Sendable {
    var status = 200
    var type = "text/plain; charset=utf-8"
    var text: String
  }

  /// Makes the page of a path; nil: there is none.
  typealias Pages = @Sendable (_ path: String) -> Page?

  private let pages: Pages
  /// Sockets of connections, the oldest first; only the server's thread touches them. Whatever they wait for, they
  /// keep nobody out: the oldest goes for one too many, so that requests that are never finished cannot hold all places.
  private var sockets: [Int32] = []
  private var daemon: OpaquePointer?
  /// As "127.0.0.1:9090", with the port that was free.
  private(set) var address = ""

  /// - Parameter address: HOST:PORT, [HOST]:PORT for IPv6; port 0 is any free one.
  init(_ address: String, _ pages: @escaping Pages) throws {
    self.pages = pages
    let (host, port) = try Self.parts(address)
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_PASSIVE
    var found: UnsafeMutablePointer<addrinfo>?
    let status = getaddrinfo(host, port, &hints, &found)
    guard status == 0, let first = found else {
      throw CompilerError(
        "no such address (\(String(cString: gai_strerror(status)))); --metrics takes one of this machine's, as"
          + " 127.0.0.1:9090", at: address)
    }
    defer { freeaddrinfo(found) }
    let context = Unmanaged.passUnretained(self).toOpaque()
    errno = 0
    daemon = hr_http_start(first.pointee.ai_addr, answerRequest, noteConnection, context)
    guard daemon != nil else {
      throw CompilerError(
        "cannot be listened at: \(String(cString: strerror(errno))); name another with --metrics",
        at: address)
    }
    let name = host.contains(":") ? "[\(host)]" : host
    self.address = "\(name):\(hr_http_port(daemon))"
  }

  deinit { if let daemon { MHD_stop_daemon(daemon) } }

  private static func parts(_ address: String) throws -> (host: String, port: String) {
    guard let colon = address.lastIndex(of: ":") else { throw wrong(address) }
    var host = address[..<colon]
    let port = address[address.index(after: colon)...]
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      throw wrong(address)
    }
    guard !host.isEmpty, UInt16(port) != nil else { throw wrong(address) }
    return (String(host), String(port))
  }

  private static func wrong(_ address: String) -> ValidationError {
    ValidationError("--metrics takes HOST:PORT, as 127.0.0.1:9090, not \"\(address)\"")
  }

  fileprivate func page(_ method: String, _ path: String) -> Page {
    guard method == "GET" || method == "HEAD" else {
      return Page(status: 405, text: "only GET\n")
    }
    return pages(path)
      ?? Page(status: 404, text: "there are /metrics, /healthz and /v2/health/ready\n")
  }

  fileprivate func begins(_ socket: Int32) {
    sockets.append(socket)
    // Its end is then read, and it is closed as if the other side had.
    if sockets.count > Int(HR_HTTP_CONNECTIONS) { shutdown(sockets[0], Int32(SHUT_RDWR)) }
  }

  fileprivate func ends(_ socket: Int32) {
    sockets.removeAll { $0 == socket }
  }
}

/// What libmicrohttpd calls when a connection begins and when it ends.
private func noteConnection(
  _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
  _: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ what: MHD_ConnectionNotificationCode
) {
  guard let context else { return }
  let server = Unmanaged<HTTPServer>.fromOpaque(context).takeUnretainedValue()
  let socket = hr_http_socket(connection)
  hr_http_begins(what) != 0 ? server.begins(socket) : server.ends(socket)
}

/// What libmicrohttpd calls: at first when a request's head is read, then when its body is.
private func answerRequest(
  _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?, _ path: UnsafePointer<CChar>?,
  _ method: UnsafePointer<CChar>?, _: UnsafePointer<CChar>?, _: UnsafePointer<CChar>?,
  _ bodyBytes: UnsafeMutablePointer<Int>?, _: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
  // A body is of no interest.
  bodyBytes?.pointee = 0
  var page = HTTPServer.Page(status: 500, text: "")
  if let context, let path, let method {
    let server = Unmanaged<HTTPServer>.fromOpaque(context).takeUnretainedValue()
    page = server.page(String(cString: method), String(cString: path))
  }
  let bytes = Array(page.text.utf8)
  return hr_http_answer(connection, UInt32(page.status), page.type, bytes, bytes.count)
}
