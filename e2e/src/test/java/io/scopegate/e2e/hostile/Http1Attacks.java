package io.scopegate.e2e.hostile;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/** Attacks by HTTP/1.1, most of them without a credential. */
final class Http1Attacks {
  /** What fits into a head of 32 KiB, with a little to spare. */
  private static final int FIELDS = 8_140;

  private static final int SINGLE_BYTES = 60_000;

  private static final byte[] SHORTEST = bytes("GET / HTTP/1.1\r\nHost:\r\n\r\n");
  private static final byte[] ANONYMOUS =
      bytes("GET /api/search HTTP/1.1\r\nHost: localhost\r\n\r\n");
  private static final byte[] MANY_FIELDS =
      bytes("GET / HTTP/1.1\r\nHost: x\r\n" + "a:\r\n".repeat(FIELDS));
  private static final byte[] MANY_FIELDS_ENDED =
      bytes("GET / HTTP/1.1\r\nHost: x\r\n" + "a:\r\n".repeat(FIELDS) + "\r\n");
  private static final byte[] SLOW = bytes("GET /api/search HTTP/1.1\r\nHost: ");

  /** The beginning of a ClientHello that says it has 512 bytes. */
  private static final byte[] HALF_A_HELLO = {0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01};

  private Http1Attacks() {}

  static List<Attack> all() {
    return List.of(
        Attack.called("CVE-2026-93491: pipelined requests whose answers nobody reads")
            .through(Door.H1_ALL)
            .times(160_000)
            .unread()
            .sends((scene, number) -> SHORTEST),
        Attack.called("pipelined requests, answered and read, as fast as they are taken")
            .through(Door.H1_ALL)
            .from(8)
            .times(20_000)
            .sends((scene, number) -> ANONYMOUS),
        Attack.called("heads of thousands of tiny fields that never end")
            .through(Door.H1_ALL)
            .from(160)
            .sends((scene, number) -> MANY_FIELDS),
        Attack.called("heads of thousands of tiny fields, answers unread")
            .through(Door.H1_ALL)
            .from(160)
            .times(20)
            .unread()
            .sends((scene, number) -> MANY_FIELDS_ENDED),
        Attack.called("a head that comes byte by byte")
            .through(Door.H1_ALL)
            .from(200)
            .times(SLOW.length)
            .every(Duration.ofMillis(200))
            .endsByTimeout()
            .sends((scene, number) -> new byte[] {SLOW[number]}),
        Attack.called("a TLS handshake that never ends")
            .through(Set.of(Door.H1_CLEAR))
            .from(500)
            .endsByTimeout()
            .sends((scene, number) -> HALF_A_HELLO),
        Attack.called("trailers of thousands of tiny fields")
            .through(Door.H1)
            .at(Listener.QUICK)
            .from(160)
            .sends((scene, number) -> trailers(scene.target().around().hostileToken())),
        Attack.called("a body that never comes")
            .through(Door.H1)
            .at(Listener.QUICK)
            .from(200)
            .endsByTimeout()
            .sends((scene, number) -> noBody(scene.target().around().hostileToken())),
        Attack.called("chunks of single bytes to a server that does not read them")
            .through(Door.H1)
            .at(Listener.HELD)
            .from(50)
            .sends((scene, number) -> singleBytes(scene.target().around().hostileToken())),
        Attack.called("a tenant's pipelined searches whose answers nobody reads")
            .through(Door.H1)
            .at(Listener.QUICK)
            .from(20)
            .times(8_000)
            .unread()
            .sends((scene, number) -> search(scene.target().around().hostileToken())));
  }

  private static byte[] trailers(String token) {
    return bytes(
        export(token)
            + "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n"
            + "a:\r\n".repeat(FIELDS));
  }

  private static byte[] noBody(String token) {
    return bytes(export(token) + "Content-Length: 100000\r\n\r\n");
  }

  /** In chunks, as objects of some hundred bytes each. */
  private static byte[] singleBytes(String token) {
    return bytes(
        "GET /api/search HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
            + token
            + "\r\nX-Scope-OrgID: "
            + Surroundings.HOSTILE
            + "\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "1\r\nx\r\n".repeat(SINGLE_BYTES));
  }

  private static String export(String token) {
    return "POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
        + token
        + "\r\nX-Scope-OrgID: "
        + Surroundings.HOSTILE
        + "\r\nContent-Type: application/x-protobuf\r\n";
  }

  private static byte[] search(String token) {
    return bytes(
        "GET /api/search HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
            + token
            + "\r\nX-Scope-OrgID: "
            + Surroundings.HOSTILE
            + "\r\n\r\n");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
