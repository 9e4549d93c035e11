package io.scopegate.gateway.warmup;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.epoll.Epoll;
import io.scopegate.gateway.TestFiles;
import io.scopegate.gateway.configuration.GatewayConfig;
import io.scopegate.gateway.configuration.LoadedConfig;
import io.scopegate.testkit.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The warm-up by itself: what it sends is answered as expected, and it leaves nothing behind. */
final class WarmUpIT {
  private static final int ROUNDS = 5;

  @TempDir private Path directory;
  private final Set<Thread> before = ownThreads();

  @AfterEach
  void nothingIsLeft() throws InterruptedException {
    for (Thread thread : ownThreads()) {
      if (!before.contains(thread)) {
        thread.join(30_000);
        assertThat(thread.isAlive()).as(thread.getName()).isFalse();
      }
    }
  }

  private static Set<Thread> ownThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(t -> t.getName().startsWith("scopegate-"))
        .collect(Collectors.toSet());
  }

  private GatewayConfig config(String yaml) {
    LoadedConfig loaded =
        TestFiles.load(
            directory,
            """
            tempo: {distributor: localhost, queryFrontend: localhost}
            admin: {warmUp: 60s}
            """
                + yaml);
    assertThat(loaded.problems()).isEmpty();
    return loaded.config();
  }

  /** Ends soon after so many requests, whatever the compiler does. */
  private static WarmUp until(GatewayConfig config, boolean epoll, int requests) {
    return new WarmUp(config, epoll, new CompilerActivity(() -> 0), requests);
  }

  private WarmUp.Result run(GatewayConfig config) {
    int requests = ROUNDS * Calls.of(WarmUp.served(config), "", true, true).size();
    WarmUp warmUp = until(config, Epoll.isAvailable(), requests);
    warmUp.start();
    WarmUp.Result result = Await.result(warmUp.done());
    assertThat(result.failure()).isNull();
    assertThat(result.sent()).isGreaterThanOrEqualTo(requests);
    return result;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "tls: {mode: optional, certificateFile: \"${CRT}\", keyFile: \"${KEY}\"}",
        "tls: {mode: required, certificateFile: \"${CRT}\", keyFile: \"${KEY}\", minVersion:"
            + " TLSv1.3}",
        "tls: {mode: required, provider: jdk, certificateFile: \"${CRT}\", keyFile: \"${KEY}\"}",
        "tls: {mode: optional, selfSigned: true}",
        "tls: {certificateFile: \"${CRT}\", keyFile: \"${KEY}\", clientCaFile: \"${CRT}\"}",
        "log: {format: text, audit: all}",
        "log: {access: false, audit: none}",
        "tenancy: {header: X-Tenant}",
      })
  void everyRequestIsAnsweredAsExpected(String yaml) {
    assertThat(run(config(yaml)).unexpected()).isZero();
  }

  @Test
  void worksWithoutEpoll() {
    GatewayConfig config = config("");
    WarmUp warmUp = until(config, false, 100);
    warmUp.start();

    WarmUp.Result result = Await.result(warmUp.done());

    assertThat(result.failure()).isNull();
    assertThat(result.unexpected()).isZero();
  }

  @Test
  void endsAtOnceWhenItIsStopped() {
    WarmUp warmUp = until(config(""), Epoll.isAvailable(), Integer.MAX_VALUE);
    warmUp.start();
    warmUp.stop();
    warmUp.stop();

    assertThat(Await.result(warmUp.done()).failure()).isNull();
    warmUp.stop();
  }

  @Test
  void endsWhenItsTimeIsOver() {
    WarmUp warmUp = until(brief(), Epoll.isAvailable(), Integer.MAX_VALUE);
    warmUp.start();

    assertThat(Await.result(warmUp.done()).failure()).isNull();
  }

  private GatewayConfig brief() {
    LoadedConfig loaded =
        TestFiles.load(
            directory,
            "tempo: {distributor: localhost, queryFrontend: localhost}\nadmin: {warmUp: 50ms}\n");
    assertThat(loaded.problems()).isEmpty();
    return loaded.config();
  }

  @Test
  void aCertificateThatIsGoneEndsItWithAReason() throws IOException {
    Path certificate = Files.copy(TestFiles.resource("tls/rsa.crt"), directory.resolve("tls.crt"));
    GatewayConfig config =
        config(
            "tls: {mode: required, certificateFile: \"%s\", keyFile: \"${KEY}\"}\n"
                .formatted(certificate));
    Files.writeString(certificate, "no longer one");
    WarmUp warmUp = until(config, Epoll.isAvailable(), Integer.MAX_VALUE);
    warmUp.start();

    assertThat(Await.result(warmUp.done()).failure()).isNotNull();
  }

  @Test
  void isNotWantedWithoutTimeOrRequests() {
    String admin = "tempo: {distributor: a, queryFrontend: a}\nadmin: {warmUp: 0s}\n";
    String health =
        "upstreams: {a: {url: \"http://a:1\"}}\n"
            + "listeners: {h: {address: \"127.0.0.1:0\", serves: [health]}}\n";

    assertThat(WarmUp.isWanted(config(""))).isTrue();
    assertThat(WarmUp.isWanted(TestFiles.load(directory, admin).config())).isFalse();
    assertThat(WarmUp.isWanted(TestFiles.load(directory, health).config())).isFalse();
  }
}
