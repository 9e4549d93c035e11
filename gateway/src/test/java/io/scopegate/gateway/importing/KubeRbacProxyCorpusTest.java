package io.scopegate.gateway.importing;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.config.Problem;
import io.scopegate.gateway.configuration.LoadedConfig;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** Command lines of kube-rbac-proxy in the shapes that manifests have. */
final class KubeRbacProxyCorpusTest {
  /** As OpenShift's monitoring has it. */
  private static final String CONFIG =
      """
      authorization:
        resourceAttributes:
          apiVersion: metrics.k8s.io/v1beta1
          resource: pods
          namespace: "{{ .Value }}"
        rewrites: {byQueryParameter: {name: namespace}}
        static:
          - user: {name: "system:serviceaccount:openshift-monitoring:prometheus-k8s"}
            verb: get
            path: /metrics
            resourceRequest: false
      """;

  @TempDir private Path directory;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private record Invocation(String name, List<String> flags) {
    boolean isTempo() {
      return name.contains("in front of Tempo");
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Invocation> invocations() throws IOException {
    List<Invocation> all = new ArrayList<>();
    try (InputStream in =
        KubeRbacProxyCorpusTest.class.getResourceAsStream("kube-rbac-proxy-invocations.txt")) {
      String text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
      for (String line : text.lines().filter(l -> !l.isBlank() && !l.startsWith("#")).toList()) {
        if (line.startsWith("  ")) {
          all.get(all.size() - 1).flags.add(line.strip());
        } else {
          all.add(new Invocation(line, new ArrayList<>()));
        }
      }
    }
    return all.stream();
  }

  @Test
  void thereAreAtLeastThirtyOfThem() throws IOException {
    assertThat(invocations().map(Invocation::name).distinct().count()).isGreaterThanOrEqualTo(30);
  }

  private List<String> flags(Invocation invocation) throws IOException {
    Path file = Files.writeString(directory.resolve("config.yaml"), CONFIG);
    return invocation.flags.stream().map(flag -> flag.replace("CONFIG", file.toString())).toList();
  }

  private int run(List<String> flags) {
    CommandLine commandLine = new CommandLine(new ImportCommand());
    commandLine.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    List<String> all = new ArrayList<>(List.of("kube-rbac-proxy", "--"));
    all.addAll(flags);
    return commandLine.execute(all.toArray(String[]::new));
  }

  @ParameterizedTest
  @MethodSource("invocations")
  void isImportedWithoutTheFilesOfThePodAndWithTheRightNotes(Invocation invocation)
      throws IOException {
    assertThat(run(flags(invocation))).as(err.toString()).isZero();

    assertThat(err.toString()).isEmpty();
    String yaml = out.toString();
    assertThat(yaml).contains("console: null\n").doesNotContain("$(", ".invalid");
    if (invocation.isTempo()) {
      assertThat(yaml).contains("StreamingQuerier", "NOBODY REVIEWS IT");
    } else {
      assertThat(yaml).doesNotContain("Tempo", "tempopb", "collectors");
    }
    List<String> comments = yaml.lines().takeWhile(line -> line.startsWith("#")).toList();
    assertThat(comments.subList(1, comments.size()))
        .allMatch(line -> line.startsWith("# - ") || line.startsWith("#   "));
  }

  @ParameterizedTest
  @MethodSource("invocations")
  void isServedAsTheKubeletPassesItOn(Invocation invocation) throws IOException {
    List<String> flags =
        flags(invocation).stream()
            .map(flag -> flag.replaceAll("\\$\\([A-Z_]+\\)", "10.1.2.3"))
            .toList();
    LoadedConfig loaded = KubeRbacProxy.of(flags).loadWithoutFiles();
    assertThat(loaded.problems()).extracting(Problem::toString).isEmpty();
  }

  @Test
  void aVariableOfThePodBecomesOneOfTheConfigurationThatFitsIpv4AndIpv6() {
    assertThat(
            run(List.of("--secure-listen-address=[$(IP)]:9100", "--upstream=http://$(NODE):9100/")))
        .isZero();
    assertThat(out.toString())
        .contains("address: \"[${IP}]:9100\"")
        .contains("http://${NODE}:9100");
    Path file = directory.resolve("scopegate.yaml");
    for (String address : List.of("10.1.2.3", "fd00::1")) {
      LoadedConfig loaded = load(file, address);
      assertThat(loaded.problems()).extracting(Problem::toString).isEmpty();
      assertThat(loaded.config().listeners().get("secure").address().host()).isEqualTo(address);
    }
  }

  private LoadedConfig load(Path file, String address) {
    try {
      Files.writeString(file, out.toString());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return LoadedConfig.load(file, name -> name.equals("IP") ? address : "node.example");
  }

  @Test
  void anAddressWithoutAHostIsAllOfThem() {
    LoadedConfig loaded =
        KubeRbacProxy.of(List.of("--secure-listen-address=:8443", "--upstream=http://a:1"))
            .loadWithoutFiles();
    assertThat(loaded.config().listeners().get("secure").address())
        .asString()
        .isIn("[::]:8443", "0.0.0.0:8443");
  }

  @Test
  void whatIsWrongWithTheFlagsHasNoPlaceInATextThatNobodySees() {
    assertThat(
            run(
                List.of(
                    "--secure-listen-address=0.0.0.0:8443",
                    "--insecure-listen-address=0.0.0.0:8443",
                    "--upstream=http://a:1")))
        .isEqualTo(1);
    assertThat(err.toString()).startsWith("from these flags: listeners.").doesNotContain("flags:1");
  }
}
