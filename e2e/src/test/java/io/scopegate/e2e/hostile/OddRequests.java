package io.scopegate.e2e.hostile;

import java.util.ArrayList;
import java.util.List;

/**
 * Some two hundred odd requests, most of them of the families that request smuggling made known.
 */
final class OddRequests {
  private static final String POST = "POST /v1/traces?c=$C HTTP/1.1\r\n";
  private static final String GET = "GET /api/search?c=$C HTTP/1.1\r\n";
  private static final String HOST = "Host: localhost\r\n$A";
  private static final String TYPE = "Content-Type: application/x-protobuf\r\n";
  private static final String CHUNKS = "5\r\nhello\r\n0\r\n\r\n";

  private final List<OddRequest> all = new ArrayList<>();

  private OddRequests() {}

  static List<OddRequest> all() {
    OddRequests requests = new OddRequests();
    requests.contentLengths();
    requests.transferEncodings();
    requests.both();
    requests.names();
    requests.chunks();
    requests.trailers();
    requests.lineEnds();
    requests.requestLines();
    requests.hosts();
    requests.methods();
    requests.versions();
    requests.connections();
    return List.copyOf(requests.all);
  }

  private void add(String title, String text) {
    all.add(new OddRequest(all.size(), title, text));
  }

  /** A POST with these lines in its head. */
  private void post(String title, String lines, String body) {
    add(title, POST + HOST + TYPE + lines + "\r\n" + body);
  }

  private void contentLengths() {
    for (String value :
        List.of(
            "5",
            "+5",
            "-5",
            "05",
            "0x5",
            "5 ",
            " 5",
            "\t5",
            "5\t",
            "5,5",
            "5, 5",
            "5,6",
            "5;",
            "5.0",
            "5e0",
            "",
            " ",
            "five",
            "5 5",
            "5\u00a0",
            "\u00b5",
            "5\0",
            "4294967301",
            "4294967296",
            "18446744073709551621",
            "9223372036854775808",
            "00000000000000000000005",
            "\"5\"")) {
      post("Content-Length value", "Content-Length:" + value + "\r\n", "hello");
    }
    post("two equal lengths", "Content-Length: 5\r\nContent-Length: 5\r\n", "hello");
    post("two lengths, the longer last", "Content-Length: 0\r\nContent-Length: 5\r\n", "hello");
    post("two lengths, the shorter last", "Content-Length: 5\r\nContent-Length: 0\r\n", "hello");
    post("two spellings", "Content-Length: 5\r\nContent-Length: 05\r\n", "hello");
    post("an empty second length", "Content-Length: 5\r\nContent-Length:\r\n", "hello");
    post("no length at all", "", "");
  }

  private void transferEncodings() {
    for (String value :
        List.of(
            "chunked",
            "Chunked",
            "CHUNKED",
            " chunked",
            "\tchunked",
            "chunked ",
            "chunked\t",
            "chunked,",
            ",chunked",
            ", chunked",
            "chunked, chunked",
            "chunked,identity",
            "identity",
            "identity, chunked",
            "gzip, chunked",
            "chunked, gzip",
            "gzip",
            "xchunked",
            "chunkedx",
            "chunked, xchunked",
            "xchunked, chunked",
            "\"chunked\"",
            "'chunked'",
            "chunked;q=1",
            "chunked; foo=bar",
            "\u000bchunked",
            "chunked\u000b",
            "\u000cchunked",
            "chunked\u0001",
            "\0chunked",
            "chunked\0",
            "chunked\u00a0",
            "ch\u00fcnked",
            "chun\tked",
            "trailers",
            "cow",
            "",
            "none",
            "chunked\r",
            "\rchunked")) {
      post("Transfer-Encoding value", "Transfer-Encoding:" + value + "\r\n", CHUNKS);
    }
    post(
        "two codings in two lines",
        "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n",
        CHUNKS);
    post("chunked twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", CHUNKS);
    post("identity last", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", CHUNKS);
    post("an unknown one last", "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n", CHUNKS);
    post("an empty one last", "Transfer-Encoding: chunked\r\nTransfer-Encoding:\r\n", CHUNKS);
    post("folded coding", "Transfer-Encoding:\r\n chunked\r\n", CHUNKS);
    post("folded coding with a tab", "Transfer-Encoding:\r\n\tchunked\r\n", CHUNKS);
    post("coding in a folded line", "X-A: b\r\n Transfer-Encoding: chunked\r\n", CHUNKS);
  }

  private void both() {
    for (String coding :
        List.of(
            "chunked", "identity", "xchunked", "chunked, identity", "\u000bchunked", "chunked ")) {
      post(
          "length, then coding",
          "Content-Length: 5\r\nTransfer-Encoding: " + coding + "\r\n",
          CHUNKS);
      post(
          "coding, then length",
          "Transfer-Encoding: " + coding + "\r\nContent-Length: 15\r\n",
          CHUNKS);
    }
    post(
        "a request in what is left",
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        "0\r\n\r\nGET /api/search?c=$C&smuggled HTTP/1.1\r\n" + HOST + "\r\n");
  }

  private void names() {
    for (String name :
        List.of(
            "Transfer-Encoding ",
            " Transfer-Encoding",
            "\tTransfer-Encoding",
            "Transfer-Encoding\t",
            "Transfer_Encoding",
            "Transfer-Encoding\0",
            "Transfer Encoding",
            "Transfer-Encoding\u000b",
            "Transfer-Encoding\u00a0",
            "\u00a0Transfer-Encoding",
            "transfer-encoding",
            "Transfer-\u00cbncoding",
            "Transfer-Encoding\r\n",
            "(Transfer-Encoding)",
            "Transfer-Encoding:")) {
      post("name of the coding", "Content-Length: 15\r\n" + name + ": chunked\r\n", CHUNKS);
    }
    for (String name :
        List.of(
            "Content-Length ",
            " Content-Length",
            "\tContent-Length",
            "Content-Length\t",
            "Content_Length",
            "Content-Length\0",
            "content-length",
            "Content-Length\u00a0",
            "Content-Length\r\n",
            "Content-Length:")) {
      post("name of the length", name + ": 5\r\n", "hello");
    }
    post("a line without a colon", "Content-Length: 5\r\nnonsense\r\n", "hello");
    post("a line without a name", "Content-Length: 5\r\n: nonsense\r\n", "hello");
    add("a first line that is folded", POST + " Content-Length: 5\r\n" + HOST + TYPE + "\r\nhello");
  }

  private void chunks() {
    for (String size :
        List.of(
            "5",
            "05",
            "000005",
            "+5",
            "-5",
            "0x5",
            "5;a",
            "5;a=b",
            "5;a=\"b\"",
            "5 ;a",
            "5; a",
            "5 ",
            "5\t",
            " 5",
            "\t5",
            "5\0",
            "5,5",
            "5.",
            "g",
            "",
            "5\r",
            "5\u000b",
            "5;\u0001",
            "5;a=\"\r\n0",
            "5;\n",
            "00000000000000000005",
            "FFFFFFFFFFFFFFFF",
            "10000000000000005",
            "80000000",
            "100000005",
            "5;" + "x".repeat(20_000))) {
      chunked("size of a chunk", size + "\r\nhello\r\n0\r\n\r\n");
    }
    chunked("size ended by LF", "5\nhello\r\n0\r\n\r\n");
    chunked("chunk ended by LF", "5\r\nhello\n0\r\n\r\n");
    chunked("chunk without an end", "5\r\nhello0\r\n\r\n");
    chunked("chunk longer than its size", "5\r\nhello!\r\n0\r\n\r\n");
    chunked("chunk shorter than its size", "6\r\nhello\r\n0\r\n\r\n");
    chunked("chunk ended by two other bytes", "5\r\nhelloXX0\r\n\r\n");
    chunked("chunk ended by CR", "5\r\nhello\r0\r\n\r\n");
    chunked("end without a line", "5\r\nhello\r\n0\r\n");
    chunked("end by LF", "5\r\nhello\r\n0\n\n");
    chunked("end with zeros", "5\r\nhello\r\n0000\r\n\r\n");
    chunked("end with an extension", "5\r\nhello\r\n0;a=b\r\n\r\n");
    chunked("a negative end", "5\r\nhello\r\n-0\r\n\r\n");
  }

  private void chunked(String title, String body) {
    post(title, "Transfer-Encoding: chunked\r\n", body);
  }

  private void trailers() {
    for (String trailer :
        List.of(
            "X-A: b",
            "Content-Length: 5",
            "Transfer-Encoding: chunked",
            "Host: elsewhere",
            "X-Scope-OrgID: showcase",
            "nonsense",
            ": nonsense",
            "X-A : b",
            " X-A: b",
            "X-A: b\r\n c",
            "X-A: b\0",
            "GET /api/search?c=$C&smuggled HTTP/1.1")) {
      chunked("trailer", "5\r\nhello\r\n0\r\n" + trailer + "\r\n\r\n");
    }
    chunked("trailer ended by LF", "5\r\nhello\r\n0\r\nX-A: b\n\n");
  }

  private void lineEnds() {
    add("LF everywhere", (GET + HOST + "\r\n").replace("\r\n", "\n"));
    add("LF after the request line", GET.replace("\r\n", "\n") + HOST + "\r\n");
    add("LF after a field", GET + HOST + "X-A: b\n\r\n");
    add("LF at the end", GET + HOST + "\n");
    add("CR alone in a value", GET + HOST + "X-A: b\rc\r\n\r\n");
    add("CR alone as the end", GET + HOST + "X-A: b\rX-C: d\r\n\r\n");
    add("two CR", GET + HOST + "X-A: b\r\r\n\r\n");
    add("NUL in a value", GET + HOST + "X-A: b\0c\r\n\r\n");
    add("a control character in a value", GET + HOST + "X-A: b\u0001c\r\n\r\n");
    add("DEL in a value", GET + HOST + "X-A: b\u007fc\r\n\r\n");
    add("a folded value", GET + HOST + "X-A: b\r\n c\r\n\r\n");
    add("CR LF CR", GET + HOST + "\r\r\n");
    add("empty lines before", "\r\n\r\n" + GET + HOST + "\r\n");
    add("LF before", "\n" + GET + HOST + "\r\n");
    add("CR before", "\r" + GET + HOST + "\r\n");
    add("a blank before", " " + GET + HOST + "\r\n");
  }

  private void requestLines() {
    for (String line :
        List.of(
            "GET  /api/search?c=$C HTTP/1.1",
            "GET /api/search?c=$C  HTTP/1.1",
            "GET\t/api/search?c=$C HTTP/1.1",
            "GET /api/search?c=$C\tHTTP/1.1",
            "GET /api/search?c=$C HTTP/1.1 ",
            "GET /api/search?c=$C HTTP/1.1\t",
            "GET /api/search?c=$C x HTTP/1.1",
            "GET /api/search?c=$C",
            "GET /api/search?c=$C ",
            "GET /api/search?c=$C HTTP/1.10",
            "GET /api/search?c=$C HTTP/01.1",
            "GET /api/search?c=$C HTTP/1.2",
            "GET /api/search?c=$C HTTP/2.0",
            "GET /api/search?c=$C HTTP/0.9",
            "GET /api/search?c=$C http/1.1",
            "GET /api/search?c=$C HTTP/1",
            "GET /api/search?c=$C HTTP/1.1.1",
            "GET /api/search?c=$C HTTPS/1.1",
            "get /api/search?c=$C HTTP/1.1",
            "GET api/search?c=$C HTTP/1.1",
            "GET http://localhost/api/search?c=$C HTTP/1.1",
            "GET http://elsewhere/api/search?c=$C HTTP/1.1",
            "GET //api/search?c=$C HTTP/1.1",
            "GET /api/search?c=$C#x HTTP/1.1",
            "GET /api/search?c=$C\u0001 HTTP/1.1",
            "GET /api/search?c=$C\u007f HTTP/1.1",
            "GET /api/search?c=$C\u00e4 HTTP/1.1",
            "GET /api/search?c=$C\0 HTTP/1.1",
            "GET /api\\search?c=$C HTTP/1.1",
            "GET * HTTP/1.1",
            "GET localhost:80 HTTP/1.1",
            "G\0ET /api/search?c=$C HTTP/1.1",
            "GET/api/search?c=$C HTTP/1.1",
            "\"GET\" /api/search?c=$C HTTP/1.1",
            "GET /api/search?c=$C\r HTTP/1.1")) {
      add("request line", line + "\r\n" + HOST + "\r\n");
    }
  }

  private void hosts() {
    for (String lines :
        List.of(
            "",
            "Host:\r\n",
            "Host: a\r\nHost: a\r\n",
            "Host: a\r\nHost: b\r\n",
            "Host: a, b\r\n",
            "Host: a/b\r\n",
            "Host: a@b\r\n",
            "Host: a b\r\n",
            "Host : a\r\n",
            "Host: a:b\r\n",
            "Host: a:80:80\r\n",
            "Host: [::1\r\n",
            "Host: a\0\r\n",
            " Host: a\r\n")) {
      add("host", GET + lines + "$A\r\n");
    }
  }

  private void methods() {
    for (String method : List.of("GET", "HEAD", "OPTIONS", "DELETE", "TRACE", "CONNECT")) {
      String line = method + " /api/search?c=$C HTTP/1.1\r\n" + HOST;
      add("body by length", line + "Content-Length: 5\r\n\r\nhello");
      add("body by chunks", line + "Transfer-Encoding: chunked\r\n\r\n" + CHUNKS);
    }
    add(
        "a request as the body of GET",
        GET + HOST + "Content-Length: 45\r\n\r\nGET /api/search?c=$C&smuggled HTTP/1.1\r\n\r\n");
  }

  private void versions() {
    String one = "POST /v1/traces?c=$C HTTP/1.0\r\n" + HOST + TYPE;
    add("1.0 with chunks", one + "Transfer-Encoding: chunked\r\n\r\n" + CHUNKS);
    add("1.0 with both", one + "Content-Length: 15\r\nTransfer-Encoding: chunked\r\n\r\n" + CHUNKS);
    add("1.0 kept alive", one + "Connection: keep-alive\r\nContent-Length: 5\r\n\r\nhello");
    add(
        "1.0 kept alive with chunks",
        one + "Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n" + CHUNKS);
  }

  private void connections() {
    for (String value :
        List.of(
            "Content-Length",
            "Transfer-Encoding",
            "close, Content-Length",
            "keep-alive, close",
            "",
            "Host",
            "\"close\"")) {
      post("Connection", "Connection: " + value + "\r\nContent-Length: 5\r\n", "hello");
      post(
          "Connection, chunks",
          "Connection: " + value + "\r\nTransfer-Encoding: chunked\r\n",
          CHUNKS);
    }
    for (String value : List.of("100-continue", "100-Continue", "100-continue, x", "x")) {
      post("Expect", "Expect: " + value + "\r\nContent-Length: 5\r\n", "hello");
    }
    add("Upgrade without settings", GET + HOST + "Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n");
    add("Upgrade to a socket", GET + HOST + "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    post(
        "Upgrade with a body",
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings:\r\nContent-Length: 5\r\n",
        "hello");
  }
}
