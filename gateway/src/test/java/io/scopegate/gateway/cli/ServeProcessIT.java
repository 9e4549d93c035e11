package io.scopegate.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.testkit.tempo.TempoStandIn;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What the process says from its start to its end. */
@DisabledOnOs(OS.WINDOWS) // which has no SIGHUP
final class ServeProcessIT {
  @TempDir private Path directory;

  private Path write(TempoStandIn tempo, String more) throws Exception {
    return Files.writeString(
        directory.resolve("scopegate.yaml"),
        """
        upstreams: {query-frontend: {url: "http://127.0.0.1:%d"}}
        listeners:
          query: {address: "0.0.0.0:0", serves: [tempo-query], upstream: query-frontend}
        authentication: {kubernetes: {mode: "off"}, staticTokens: "%s"}
        authorization: {static: [{user: jane, tenants: [acme], operations: [read]}]}
        forwarding: {drain: 300ms, eventLoops: 1}
        admin: {address: "127.0.0.1:0", console: null, warmUp: 0s}
        %s
        """
            .formatted(tempo.queryPort(), tokens(), more));
  }

  private Path tokens() throws Exception {
    return Files.writeString(
        directory.resolve("tokens.yaml"),
        "tokens: [{sha256: \"" + "a".repeat(64) + "\", user: jane}]\n");
  }

  @Test
  void saysWhatItIsReloadsOnSighupAndTellsEachStepOfItsEnd() throws Exception {
    try (TempoStandIn tempo = TempoStandIn.start();
        ServeProcess serve = ServeProcess.start(write(tempo, "log: {format: text}"))) {
      serve.await(" is serving");
      serve.await("callers: kubernetes.mode off, mapping tempo-operator, static tokens ");
      serve.await("listeners.query: 0.0.0.0:0, clear text, tempo-query to query-frontend");
      serve.await("upstreams.query-frontend: http://127.0.0.1:" + tempo.queryPort() + ", auto");
      serve.await("limits: store local");
      assertThat(serve.await("takes tokens in clear text on 0.0.0.0:0")).contains(" WARN ");
      serve.await("answers queries, and only with a tenant");

      write(tempo, "log: {format: text, access: false}");
      serve.signal("HUP");
      serve.await("SIGHUP: reloading the configuration");
      serve.await("configuration reloaded (changed: log.access)");

      serve.signal("TERM");
      assertThat(serve.end()).isZero();
      String end =
          serve.lines().stream()
              .filter(line -> line.contains("stopping: ") || line.contains("has ended"))
              .map(line -> line.replaceAll("^\\S+ INFO \\S+ ", ""))
              .collect(Collectors.joining("\n"));
      assertThat(end)
          .isEqualTo(
              """
              stopping: not ready any more; the listeners close in 300ms
              stopping: the listeners are closed; waiting up to 300ms for 0 requests in progress
              stopping: all connections are closed
              scopegate has ended\
              """);
      assertFitForPeople(serve.lines());
    }
  }

  /** There is nothing of Java in it. */
  private static void assertFitForPeople(List<String> lines) {
    assertThat(lines).noneMatch(line -> line.contains("MacAddressUtil"));
    assertThat(lines)
        .noneMatch(line -> line.matches(".*(java\\.|javax\\.|io\\.netty|Exception).*"))
        .allMatch(line -> line.matches("\\d{4}-\\d\\d-\\d\\dT\\S{12,}Z .*"));
  }

  @Test
  void aPortThatIsTakenEndsItInOneLine() throws Exception {
    try (TempoStandIn tempo = TempoStandIn.start()) {
      Path config = write(tempo, "log: {format: text}");
      Files.writeString(
          config, Files.readString(config).replace("0.0.0.0:0", "127.0.0.1:" + tempo.queryPort()));
      try (ServeProcess serve = ServeProcess.start(config)) {
        assertThat(serve.end()).isEqualTo(Main.WRONG);
        assertThat(serve.await("cannot start: listeners.query.address"))
            .contains("127.0.0.1:" + tempo.queryPort())
            .endsWith(" (expected: a free address): it is in use");
        assertFitForPeople(serve.lines());
      }
    }
  }
}
