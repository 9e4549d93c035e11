package io.scopegate.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.e2e.KeptAlive;
import io.scopegate.testkit.RawHttp1;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An upstream whose answers can be read in two ways: nobody may get the answer of another. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileUpstreamIT {
  /** An answer that goes on until the connection closes ends then. */
  private static final int SILENCE_MILLIS = 500;

  private static final String SECRET = "the answer of somebody else";

  @AutoClose private Surroundings around;
  @AutoClose private Ambiguous upstream;
  @AutoClose private Target target;

  @BeforeAll
  void start() throws IOException {
    around = new Surroundings();
    upstream = new Ambiguous();
    target = Target.start(around, Map.of("QUICK_PORT", Integer.toString(upstream.port())));
  }

  @DisplayName("CVE-2026-89044: a response whose length can be read in two ways is nobody else's")
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Transfer-Encoding: chunked, xchunked",
        "Transfer-Encoding: xchunked, chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: xchunked",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 5",
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: 5, 6",
        "Content-Length: +5"
      })
  void theNextRequestGetsItsOwnAnswer(String lines) throws IOException {
    upstream.answerWith(lines);
    byte[] search = KeptAlive.search(around.hostileToken(), Surroundings.HOSTILE);
    for (int i = 0; i < 3; i++) {
      try (RawHttp1 client = RawHttp1.connect(target.port(Listener.QUICK))) {
        client.write(search).write("GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        client.readToEnd();
      }
    }
    assertThat(upstream.reused()).as("requests on a connection with a doubtful answer").isZero();
  }

  /** Answers each request with such a head, an end of chunks and another answer behind it. */
  private static final class Ambiguous implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicInteger reused = new AtomicInteger();
    private volatile byte[] answer = {};

    Ambiguous() throws IOException {
      threads.execute(this::accept);
    }

    void answerWith(String lines) {
      reused.set(0);
      String text =
          "HTTP/1.1 200 OK\r\n"
              + lines
              + "\r\n\r\n0\r\n\r\nHTTP/1.1 200 OK\r\nX-Smuggled: yes\r\nContent-Length: "
              + SECRET.length()
              + "\r\n\r\n"
              + SECRET;
      answer = text.getBytes(StandardCharsets.ISO_8859_1);
    }

    int port() {
      return server.getLocalPort();
    }

    int reused() {
      return reused.get();
    }

    private void accept() {
      while (!server.isClosed()) {
        try {
          Socket socket = server.accept();
          threads.execute(() -> serve(socket));
        } catch (IOException e) {
          return; // it is closed
        }
      }
    }

    private void serve(Socket socket) {
      try (socket) {
        socket.setSoTimeout(SILENCE_MILLIS);
        for (int served = 0; readHead(socket); served++) {
          reused.addAndGet(served > 0 ? 1 : 0);
          socket.getOutputStream().write(answer);
        }
      } catch (IOException e) {
        // the gateway has closed it, as it should
      }
    }

    /** Whether another request has come. */
    private static boolean readHead(Socket socket) throws IOException {
      StringBuilder head = new StringBuilder();
      while (head.indexOf("\r\n\r\n") < 0) {
        int next = socket.getInputStream().read();
        if (next < 0) {
          return false;
        }
        head.append((char) next);
      }
      return true;
    }

    @Override
    public void close() throws IOException {
      server.close();
      threads.shutdownNow();
    }
  }
}
