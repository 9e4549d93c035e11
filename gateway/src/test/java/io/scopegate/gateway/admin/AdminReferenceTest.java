package io.scopegate.gateway.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.config.HostPort;
import io.scopegate.gateway.MarkdownTable;
import io.scopegate.gateway.telemetry.Scrape;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The page of what operators can ask lists everything, and nothing else. */
final class AdminReferenceTest {
  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void close() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  @Test
  void theReferenceListsEveryEndpointOfBothPorts() {
    HostPort anywhere = new HostPort("127.0.0.1", 0);
    Set<String> there = new TreeSet<>();
    new ConsoleServer(vertx, new ConsoleStandIn(), new Readiness(Set.of()), anywhere)
        .endpoints()
        .forEach(endpoint -> there.add("admin.console " + endpoint));
    new AdminServer(vertx, accept -> new Scrape("", new byte[0]), new Readiness(Set.of()), Set.of())
        .endpoints()
        .forEach(endpoint -> there.add("admin.address " + endpoint));

    List<String> documented =
        MarkdownTable.rows("reference/admin.md", "Port").stream()
            .filter(row -> row.get(0).startsWith("admin."))
            .map(row -> row.get(0) + " " + row.get(1) + " " + row.get(2))
            .toList();
    assertThat(documented).containsExactlyInAnyOrderElementsOf(there);
  }
}
