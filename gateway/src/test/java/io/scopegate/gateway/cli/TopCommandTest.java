package io.scopegate.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.scopegate.testkit.ClosedPort;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

final class TopCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final AtomicInteger scrapes = new AtomicInteger();
  private HttpServer admin;
  private volatile String page =
      "scopegate_build_info{version=\"0.1.0\"} 1\nscopegate_ready 1\nscopegate_requests_total %d\n";

  @BeforeEach
  void start() throws IOException {
    admin = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    admin.createContext(
        "/metrics",
        exchange -> {
          byte[] body =
              page.formatted(1_000 * scrapes.incrementAndGet()).getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    admin.start();
  }

  @AfterEach
  void stop() {
    admin.stop(0);
  }

  private int run(String... arguments) {
    CommandLine commandLine = Main.commandLine();
    commandLine.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return commandLine.execute(arguments);
  }

  private String url() {
    return "http://127.0.0.1:" + admin.getAddress().getPort();
  }

  @Test
  void printsOnePictureOfTwoScrapes() {
    assertThat(run("top", url() + "/", "--once", "--interval", "20ms")).isEqualTo(Main.OK);
    assertThat(out.toString())
        .startsWith("scopegate 0.1.0, ready: ")
        .contains(" requests/s", "TENANT", "UPSTREAM")
        .doesNotContain("\u001b", " 0 requests/s");
    assertThat(scrapes).hasValue(2);
  }

  @Test
  void saysWhatIsMissingWhereNobodyListens() {
    try (ClosedPort closed = ClosedPort.any()) {
      assertThat(run("top", "http://127.0.0.1:" + closed.number(), "--once")).isEqualTo(Main.WRONG);
    }
    assertThat(err.toString())
        .contains("nobody listens (expected: admin.address of a gateway")
        .doesNotContain("Exception");
  }

  @Test
  void saysThatSomebodyElseAnswers() {
    page = "up %d\n";
    assertThat(run("top", url(), "--once")).isEqualTo(Main.WRONG);
    assertThat(err.toString()).contains("status 200 without Scopegate's metrics");
  }

  @Test
  void anAddressThatIsNoneIsNamed() {
    assertThat(run("top", "localhost", "--once")).isEqualTo(Main.WRONG);
    assertThat(err.toString())
        .contains("localhost: no address (expected: a URL such as http://127.0.0.1:8080)");
  }

  @Test
  void aGatewayThatStallsInTheMiddleOfThePageIsGivenUp() throws IOException {
    try (ServerSocket stalling = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      CompletableFuture<Socket> accepted =
          CompletableFuture.supplyAsync(() -> halfAnswered(stalling));
      assertThat(
              run(
                  "top",
                  "http://127.0.0.1:" + stalling.getLocalPort(),
                  "--once",
                  "--timeout",
                  "300ms"))
          .isEqualTo(Main.WRONG);
      accepted.join().close();
    }
    assertThat(err.toString()).contains("no answer within 300ms");
  }

  private static Socket halfAnswered(ServerSocket server) {
    try {
      Socket socket = server.accept();
      socket
          .getOutputStream()
          .write(
              "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nscopegate_"
                  .getBytes(StandardCharsets.US_ASCII));
      return socket;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void rowsHaveToBeSome() {
    assertThat(run("top", url(), "--once", "--rows", "0")).isEqualTo(Main.USAGE);
    assertThat(err.toString()).contains("--rows: 0 (expected: 1 or more)");
  }
}
