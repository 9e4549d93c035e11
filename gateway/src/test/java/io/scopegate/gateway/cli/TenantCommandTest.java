package io.scopegate.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import picocli.CommandLine;

/** What {@code scopegate tenant} prints. */
final class TenantCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    List<String> line = new ArrayList<>(List.of("tenant"));
    line.addAll(List.of(arguments));
    CommandLine command = Main.commandLine();
    command.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return command.execute(line.toArray(String[]::new));
  }

  private List<Map<?, ?>> documents() {
    List<Map<?, ?>> all = new ArrayList<>();
    new Load(LoadSettings.builder().build())
        .loadAllFromString(out.toString())
        .forEach(one -> all.add((Map<?, ?>) Objects.requireNonNull(one)));
    return all;
  }

  private static String nameOf(Map<?, ?> object) {
    return object.get("kind") + " " + ((Map<?, ?>) object.get("metadata")).get("name");
  }

  @Test
  void printsAccountsRightsATokenAndBothConfigurations() {
    assertThat(run("showcase")).isZero();

    assertThat(documents())
        .extracting(TenantCommandTest::nameOf)
        .containsExactly(
            "Namespace showcase",
            "ServiceAccount collector",
            "ServiceAccount grafana",
            "ClusterRole showcase-traces-create",
            "ClusterRoleBinding showcase-traces-create",
            "ClusterRole showcase-traces-get",
            "ClusterRoleBinding showcase-traces-get",
            "Secret grafana-tempo",
            "ConfigMap tempo-collector",
            "ConfigMap tempo-grafana");
    assertThat(out.toString()).doesNotContain("@");
  }

  /** The Grafana operator fills in {@code ${KEY}}, the key of the Secret or the ConfigMap. */
  @Test
  void theOperatorsDataSourceNamesTheKeysThatFillItIn() {
    assertThat(run("showcase")).isZero();

    String text = out.toString();
    String commented = text.substring(text.indexOf("# apiVersion: grafana.integreatly.org"));
    Map<?, ?> source =
        (Map<?, ?>)
            new Load(LoadSettings.builder().build())
                .loadFromString(commented.replaceAll("(?m)^# ?", ""));
    Map<?, ?> spec = (Map<?, ?>) source.get("spec");
    Map<?, ?> secure = (Map<?, ?>) ((Map<?, ?>) spec.get("datasource")).get("secureJsonData");
    assertThat((List<?>) spec.get("valuesFrom"))
        .hasSize(2)
        .allSatisfy(one -> {
          String target = (String) ((Map<?, ?>) one).get("targetPath");
          Map<?, ?> from = (Map<?, ?>) ((Map<?, ?>) one).get("valueFrom");
          Object key = ((Map<?, ?>) from.values().iterator().next()).get("key");
          assertThat(secure.get(target.replace("secureJsonData.", ""))).isEqualTo("${" + key + "}");
        });
  }

  @Test
  void namespacedRightsAreInTheTenantsNamespace() {
    assertThat(run("showcase", "--mapping", "namespaced", "--namespace", "apps")).isZero();

    Map<?, ?> role = documents().get(3);
    assertThat(nameOf(role)).isEqualTo("Role showcase-traces-create");
    assertThat(role.get("metadata")).asString().contains("namespace=showcase");
    assertThat(role.get("rules")).asString().contains("resources=[traces]", "verbs=[create]");
    assertThat(documents().get(1).get("metadata")).asString().contains("namespace=apps");
    assertThat(out.toString())
        .contains("scopegate tenant showcase --namespace apps --mapping namespaced | kubectl");
  }

  /** A name that YAML would read as a number or a truth value stays a name. */
  @ParameterizedTest
  @CsvSource({"12,12", "true,true", "Team_A,team-a", "a.b,a-b"})
  void namesStayNames(String tenant, String inNames) {
    assertThat(run(tenant, "--namespace", "apps")).isZero();

    Map<?, ?> role = documents().get(3);
    assertThat(nameOf(role)).isEqualTo("ClusterRole " + inNames + "-traces-create");
    assertThat(((Map<?, ?>) ((List<?>) role.get("rules")).get(0)).get("resources"))
        .isEqualTo(List.of(tenant));
  }

  @ParameterizedTest
  @CsvSource({
    "a|b,'--namespace=a','letters, digits'",
    "'..','--namespace=a','letters, digits'",
    "Team_A,'--gateway=x','choose one with --namespace'",
    "team-a,'--mapping=custom','expected: tempo-operator or namespaced'",
    "Team_A,'--mapping=namespaced','--namespace'",
    "team-a,'--gateway=https://x','expected: a host name'",
  })
  void refusesWhatClustersWould(String tenant, String option, String reason) {
    assertThat(run(tenant, option)).isNotZero();
    assertThat(err.toString()).contains(reason);
    assertThat(out.toString()).isEmpty();
  }
}
