package io.scopegate.gateway.reload;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.config.HostPort;
import io.scopegate.gateway.TestFiles;
import io.scopegate.gateway.configuration.GatewayConfig;
import io.scopegate.gateway.reload.ReloadPlan.Bound;
import io.scopegate.gateway.reload.ReloadPlan.Create;
import io.scopegate.gateway.reload.ReloadPlan.ListenerStep;
import io.scopegate.gateway.reload.ReloadPlan.Move;
import io.scopegate.gateway.reload.ReloadPlan.Open;
import io.scopegate.gateway.reload.ReloadPlan.OpenLate;
import io.scopegate.gateway.reload.ReloadPlan.Retire;
import io.scopegate.gateway.reload.ReloadPlan.Tls;
import io.scopegate.gateway.reload.ReloadPlan.UpstreamStep;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a reload does, from two configurations and the ports that are open. */
final class ReloadPlanTest {
  @TempDir private Path directory;

  /**
   * A configuration of listeners.
   *
   * @param listeners {@code name=address}, separated by blanks
   */
  private GatewayConfig config(String listeners) {
    return config("{up: {url: 'http://a:1'}}", listeners, "");
  }

  private GatewayConfig config(String upstreams, String listeners, String rest) {
    StringBuilder yaml = new StringBuilder("upstreams: " + upstreams + "\nlisteners:\n");
    addresses(listeners)
        .forEach((name, address) ->
            yaml.append(
                "  %s: {address: '%s', serves: [generic-read], upstream: up}\n"
                    .formatted(name, address)));
    return TestFiles.load(directory, yaml + rest).config();
  }

  private static Map<String, HostPort> addresses(String listeners) {
    Map<String, HostPort> addresses = new LinkedHashMap<>();
    Arrays.stream(listeners.split(" "))
        .filter(one -> !one.isEmpty())
        .map(one -> one.split("=", 2))
        .forEach(one -> addresses.put(one[0], HostPort.parse(one[1])));
    return addresses;
  }

  /** Each is where it was configured; a port that the system chose is 4000. */
  private static Map<String, Bound> bound(String listeners) {
    Map<String, Bound> bound = new LinkedHashMap<>();
    addresses(listeners)
        .forEach((name, address) ->
            bound.put(name, new Bound(address, address.port() == 0 ? 4000 : address.port())));
    return bound;
  }

  private static String text(ListenerStep step) {
    String kind = step.getClass().getSimpleName() + " " + step.name();
    if (step instanceof Open open) {
      return kind + " " + open.address();
    }
    if (step instanceof Move move) {
      return kind + " " + move.address();
    }
    return step instanceof OpenLate late
        ? kind + " " + late.address() + (late.before() == null ? "" : " else " + late.before())
        : kind;
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          the same           | a=h:1 b=h:2     | a=h:1 b=h:2         | Keep a; Keep b
          a new one          | a=h:1           | a=h:1 b=h:2         | Keep a; Open b h:2
          a removed one      | a=h:1 b=h:2     | b=h:2               | Keep b; Close a
          another port       | a=h:1           | a=h:2               | Move a h:2
          two ports swapped  | a=h:1 b=h:2     | a=h:2 b=h:1         | OpenLate a h:2 else h:1; OpenLate b h:1 else h:2
          a name for it      | a=127.0.0.1:1   | a=localhost:1       | OpenLate a localhost:1 else 127.0.0.1:1
          all hosts          | a=127.0.0.1:1   | a=0.0.0.0:1         | OpenLate a 0.0.0.0:1 else 127.0.0.1:1
          a wildcard's port  | a=0.0.0.0:1     | b=127.0.0.1:1       | Close a; OpenLate b 127.0.0.1:1
          renamed            | a=h:1           | b=h:1               | Close a; OpenLate b h:1
          a port moved into  | a=h:1 b=h:2     | a=h:3 b=h:1         | Move a h:3; OpenLate b h:1 else h:2
          any port           | a=h:0           | a=h:0               | Keep a
          any port elsewhere | a=h:0           | a=i:0               | Move a i:0
          a chosen port      | a=h:0           | a=h:0 b=h:4000      | Keep a; OpenLate b h:4000
          """)
  void listenersKeepMoveOrWaitForEachOther(String what, String current, String next, String steps) {
    ReloadPlan plan = ReloadPlan.between(config(current), config(next), bound(current));

    assertThat(plan.listeners().stream().map(ReloadPlanTest::text))
        .containsExactly(steps.split("; "));
  }

  @Test
  void atTheStartEverythingIsMadeAndOpened() {
    ReloadPlan plan = ReloadPlan.between(null, config("a=h:1 b=h:0"), Map.of());

    assertThat(plan.upstreams()).containsExactly(new Create("up"));
    assertThat(plan.listeners())
        .containsExactly(
            new Open("a", HostPort.parse("h:1")), new Open("b", HostPort.parse("h:0")));
    assertThat(plan.tls()).containsExactly(Map.entry("a", Tls.NONE), Map.entry("b", Tls.NONE));
  }

  @Test
  void aListenerThatCouldNotBeReopenedIsOpenedByTheNextReload() {
    ReloadPlan plan =
        ReloadPlan.between(config("a=h:1"), config("a=h:1"), Map.of("a", Bound.CLOSED));

    assertThat(plan.listeners()).containsExactly(new Open("a", HostPort.parse("h:1")));
  }

  @ParameterizedTest(name = "{0} -> {1}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          up: {url: 'http://a:1'}                          | up: {url: 'http://a:1'}                          | Reuse up
          up: {url: 'http://a:1'}                          | up: {url: 'http://a:2'}                          | Create up; Retire up
          up: {url: 'http://a:1'}                          | up: {url: 'http://a:1'}, b: {url: 'http://a:1'}  | Reuse up; Create b
          up: {url: 'http://a:1'}, b: {url: 'http://a:1'}  | up: {url: 'http://a:1'}                          | Reuse up; Retire b
          """)
  void upstreamsAreReusedWhileTheyAreTheSame(String current, String next, String steps) {
    ReloadPlan plan =
        ReloadPlan.between(
            config("{" + current + "}", "a=h:1 b=h:2", ""),
            config("{" + next + "}", "a=h:1 b=h:2", ""),
            bound("a=h:1 b=h:2"));

    assertThat(plan.upstreams().stream().map(ReloadPlanTest::text))
        .containsExactly(steps.split("; "));
  }

  private static String text(UpstreamStep step) {
    return step.getClass().getSimpleName() + " " + step.name();
  }

  @Test
  void anUpstreamOfTwoListenersIsMadeOnce() {
    ReloadPlan plan =
        ReloadPlan.between(
            config("{up: {url: 'http://a:1'}}", "a=h:1 b=h:2", ""),
            config("{up: {url: 'http://b:1'}}", "a=h:1 b=h:2", ""),
            bound("a=h:1 b=h:2"));

    assertThat(plan.upstreams()).containsExactly(new Create("up"), new Retire("up"));
    assertThat(plan.listeners()).extracting(ListenerStep::name).containsExactly("a", "b");
  }

  @Test
  void certificatesAreReadWhenTheirSettingsChange() {
    String tls = "tls: {mode: required, selfSigned: true%s}\n";
    String up = "{up: {url: 'http://a:1'}}";
    GatewayConfig clear = config(up, "a=h:1", "");
    GatewayConfig secure = config(up, "a=h:1", tls.formatted(""));
    GatewayConfig newer = config(up, "a=h:1", tls.formatted(", minVersion: TLSv1.3"));
    GatewayConfig http1 = config(up, "a=h:1", tls.formatted("") + "clients: {http2: false}\n");
    GatewayConfig slower = config(up, "a=h:1", tls.formatted("") + "clients: {idleTimeout: 9s}\n");

    assertThat(tls(clear, secure)).isEqualTo(Tls.READ);
    assertThat(tls(secure, secure)).isEqualTo(Tls.REUSE);
    assertThat(tls(secure, newer)).isEqualTo(Tls.READ);
    assertThat(tls(secure, http1)).isEqualTo(Tls.READ);
    assertThat(tls(secure, slower)).isEqualTo(Tls.REUSE);
    assertThat(tls(secure, clear)).isEqualTo(Tls.NONE);
    assertThat(ReloadPlan.between(secure, secure, Map.of()).tls())
        .as("a listener that could never be opened has let go of its files")
        .containsEntry("a", Tls.READ);
  }

  private static Tls tls(GatewayConfig current, GatewayConfig next) {
    return ReloadPlan.between(current, next, bound("a=h:1")).tls().get("a");
  }

  @Test
  void stepsAreInTheOrderInWhichTheyAreDone() {
    ReloadPlan plan =
        ReloadPlan.between(
            config("a=h:1 b=h:2 c=h:3"), config("d=h:1 c=h:2 e=h:5"), bound("a=h:1 b=h:2 c=h:3"));

    assertThat(plan.listeners().stream().map(ReloadPlanTest::text))
        .isEqualTo(
            List.of(
                "Open e h:5", "Close a", "Close b", "OpenLate d h:1", "OpenLate c h:2 else h:3"));
  }
}
