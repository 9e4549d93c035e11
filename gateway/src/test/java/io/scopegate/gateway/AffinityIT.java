package io.scopegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.gateway.MoodyServer.Mood;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Requests that ask the same reach the same server of three, while it is well. */
final class AffinityIT {
  private static final int READS = 30;

  private final List<MoodyServer> servers = new ArrayList<>();

  @BeforeEach
  void start() throws IOException {
    for (int i = 0; i < 3; i++) {
      servers.add(MoodyServer.http1());
    }
  }

  @AfterEach
  void stop() throws IOException {
    for (MoodyServer server : servers) {
      server.close();
    }
  }

  private String configuration(String affinity) {
    List<String> places =
        servers.stream().map(server -> "\"127.0.0.1:" + server.port() + "\"").toList();
    return """
    upstreams:
      up:
        url: "http://tempo:1"
        protocol: http1
        endpoints: [%s]
        health: {failures: 1, leaveOut: 100ms, maxLeaveOut: 100ms, slowStart: 0s}
        affinity: %s
    listeners:
      in: {address: "127.0.0.1:0", serves: [tempo-query], upstream: up}
    """
        .formatted(String.join(", ", places), affinity);
  }

  private static void read(GatewayHarness gateway, String target) throws IOException {
    try (Wire client = Wire.connect(gateway.port("in"))) {
      client.write(gateway.http1("GET", target));
      Wire.Head head = client.readHead();
      client.readBody(head);
      assertThat(head.status()).as(head.text()).isEqualTo(200);
    }
  }

  private int[] served() {
    return servers.stream().mapToInt(MoodyServer::served).toArray();
  }

  /** The servers that have served something since then. */
  private List<MoodyServer> since(int[] before) {
    List<MoodyServer> used = new ArrayList<>();
    for (int i = 0; i < before.length; i++) {
      if (servers.get(i).served() > before[i]) {
        used.add(servers.get(i));
      }
    }
    return used;
  }

  @Test
  void whatAsksTheSameGoesToOneServerAndToAnotherWhileThatIsIll() throws IOException {
    try (GatewayHarness gateway = GatewayHarness.start(configuration("query"))) {
      int[] before = served();
      for (int i = 0; i < READS; i++) {
        read(gateway, "/api/search?q=x&start=" + i + "&end=" + (i + 10));
      }
      assertThat(since(before)).hasSize(1);
      MoodyServer one = since(before).get(0);

      one.become(Mood.GONE);
      before = served();
      for (int i = 0; i < READS; i++) {
        read(gateway, "/api/search?q=x&start=1&end=2");
      }
      assertThat(since(before)).isNotEmpty().doesNotContain(one);

      one.become(Mood.WELL);
      int then = one.served();
      GatewayHarness.until(() -> {
        try {
          read(gateway, "/api/search?q=x&start=1&end=2");
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
        return one.served() > then + 3;
      });
    }
  }

  @Test
  void differentQueriesGoToAllAndTheKeyIsReloaded() throws IOException {
    try (GatewayHarness gateway = GatewayHarness.following(configuration("query"))) {
      int[] before = served();
      for (int i = 0; i < READS; i++) {
        read(gateway, "/api/traces/" + i);
      }
      assertThat(since(before)).hasSize(3);

      gateway.reload(configuration("tenant"));
      before = served();
      for (int i = 0; i < READS; i++) {
        read(gateway, "/api/traces/" + i);
      }
      assertThat(since(before)).hasSize(1);

      gateway.reload(configuration("none"));
      before = served();
      for (int i = 0; i < READS; i++) {
        read(gateway, "/api/search?q=x");
      }
      assertThat(since(before)).hasSize(3);
    }
  }
}
