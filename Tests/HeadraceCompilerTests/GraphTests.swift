import Testing

@testable import HeadraceCompiler

@Suite struct GraphTests {
  @Test func anErrorNamesWhereItIs() {
    let error = CompilerError("unsupported operator Loop; rewrite it", at: "node 3")
    #expect(error.description == "node 3: unsupported operator Loop; rewrite it")
  }
}
