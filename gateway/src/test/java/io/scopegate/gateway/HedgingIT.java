package io.scopegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.gateway.MoodyServer.Mood;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Reads that a second server gets as well, where nothing else would help: passive health is off.
 */
final class HedgingIT {
  private static final int READS = 60;

  private final List<MoodyServer> servers = new ArrayList<>();

  @AfterEach
  void stop() throws IOException {
    for (MoodyServer server : servers) {
      server.close();
    }
  }

  private GatewayHarness gateway(String protocol) throws IOException {
    for (int i = 0; i < 3; i++) {
      servers.add(protocol.equals("h2c") ? MoodyServer.grpc() : MoodyServer.http1());
    }
    List<String> places =
        servers.stream().map(server -> "\"127.0.0.1:" + server.port() + "\"").toList();
    return GatewayHarness.start(
        """
        upstreams:
          up:
            url: "http://tempo:1"
            protocol: %s
            endpoints: [%s]
            health: {failures: 0, silence: 0s}
            retries: {budget: 100}
            hedging: {after: 50ms, percentile: 0}
        listeners:
          in: {address: "127.0.0.1:0", serves: [tempo-query], upstream: up}
        """
            .formatted(protocol, String.join(", ", places)));
  }

  private static double counted(GatewayHarness gateway, String name) {
    return gateway
        .metrics()
        .lines()
        .filter(line -> line.startsWith(name + "{"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  @ParameterizedTest
  @ValueSource(strings = {"http1", "h2c"})
  void aServerThatNeverAnswersIsNotNoticedByReads(String protocol) throws IOException {
    try (GatewayHarness gateway = gateway(protocol);
        Wire client = Wire.connect(gateway.port("in"))) {
      servers.get(1).become(Mood.HANGING);
      for (int i = 0; i < READS; i++) {
        client.write(gateway.http1("GET", "/api/search"));
        Wire.Head head = client.readHead();
        client.readBody(head);
        assertThat(head.status()).as(head.text()).isEqualTo(200);
      }
      double hedges = counted(gateway, "scopegate_upstream_hedges_total");
      double won = counted(gateway, "scopegate_upstream_hedges_won_total");
      assertThat(won).isPositive().isLessThanOrEqualTo(hedges);
      assertThat(hedges).isLessThanOrEqualTo(READS);
      servers.get(1).become(Mood.WELL);
    }
  }
}
