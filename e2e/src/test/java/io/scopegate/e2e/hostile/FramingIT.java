package io.scopegate.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.scopegate.testkit.RawHttp1;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Odd requests of HTTP/1.1 to the gateway, nginx, HAProxy and Envoy, as far as they are there. What
 * the gateway takes, each of the others splits alike or refuses, and one of them at least takes it.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FramingIT {
  private static final int AT_A_TIME = 16;
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final List<OddRequest> requests = OddRequests.all();
  private final List<Peer> peers = new ArrayList<>();
  @AutoClose private Surroundings around;
  @AutoClose private SplitUpstream upstream;
  @AutoClose private Target target;

  @BeforeAll
  void sendAll() throws Exception {
    List<Peer.Kind> there = Stream.of(Peer.Kind.values()).filter(Peer.Kind::isThere).toList();
    assumeTrue(!there.isEmpty(), "no nginx, haproxy or envoy: see e2e/README.md");
    around = new Surroundings();
    upstream = new SplitUpstream();
    target = Target.start(around, Map.of("QUICK_PORT", Integer.toString(upstream.port())));
    there.forEach(kind -> peers.add(new Peer(kind)));
    String credentials =
        "Authorization: Bearer %s\r\nX-Scope-OrgID: %s\r\n"
            .formatted(around.hostileToken(), Surroundings.HOSTILE);
    List<Integer> ports = new ArrayList<>(peers.stream().map(Peer::port).toList());
    ports.add(target.port(Listener.QUICK));
    for (int port : ports) {
      sendAll(port, credentials);
    }
  }

  @AfterAll
  void stop() throws Exception {
    for (Peer peer : peers) {
      peer.close();
    }
  }

  private void sendAll(int port, String credentials) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(AT_A_TIME);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (OddRequest odd : requests) {
        all.add(threads.submit(() -> send(port, odd.bytes(credentials))));
      }
      for (Future<?> one : all) {
        one.get(60, TimeUnit.SECONDS);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  /** Reads until the proxy has closed, or waits for what does not come. */
  private static void send(int port, byte[] bytes) {
    try (RawHttp1 client = RawHttp1.connect(port).readTimeout(PATIENCE)) {
      client.write(bytes).readToEnd();
    } catch (IOException e) {
      // it has been thrown out, or the proxy waits for more
    }
  }

  @Test
  void whatTheGatewayTakesIsSplitAlikeByOthers() {
    List<String> differences = new ArrayList<>();
    for (OddRequest odd : requests) {
      List<String> ours = upstream.of(odd);
      for (Peer peer : peers) {
        List<String> theirs = peer.upstream().of(odd);
        if (!ours.isEmpty() && !theirs.isEmpty() && !ours.equals(theirs)) {
          differences.add("%s%n  gateway: %s%n  %s: %s".formatted(odd, ours, peer, theirs));
        }
      }
    }
    if (!differences.isEmpty()) {
      fail(String.join("\n", differences));
    }
  }

  @Test
  void whatTheGatewayTakesIsTakenByOneOfTheOthers() {
    List<OddRequest> alone =
        requests.stream()
            .filter(odd -> !upstream.of(odd).isEmpty())
            .filter(odd -> peers.stream().allMatch(peer -> peer.upstream().of(odd).isEmpty()))
            .toList();
    assertThat(alone).isEmpty();
  }

  @Test
  void nothingIsSmuggledThroughTheGateway() {
    assertThat(requests.stream().flatMap(odd -> upstream.of(odd).stream()))
        .noneMatch(request -> request.contains("smuggled ["));
  }

  /** So that the others say something: a plain request passes everywhere, and some are refused. */
  @Test
  void everybodyTakesSomeAndRefusesSome() {
    List<SplitUpstream> all = new ArrayList<>(peers.stream().map(Peer::upstream).toList());
    all.add(upstream);
    for (SplitUpstream one : all) {
      long taken = requests.stream().filter(odd -> !one.of(odd).isEmpty()).count();
      assertThat(taken).isBetween(10L, requests.size() - 50L);
    }
    System.out.printf(
        "%d odd requests, gateway took %d%n",
        requests.size(), requests.stream().filter(odd -> !upstream.of(odd).isEmpty()).count());
    peers.forEach(peer ->
        System.out.printf(
            "%s took %d%n",
            peer, requests.stream().filter(odd -> !peer.upstream().of(odd).isEmpty()).count()));
  }
}
