package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * The examples in {@code deploy/examples} that have a README: the API server takes every object,
 * and every one that Scopegate's chart renders from the example's values; the gateway, a collector
 * and a Tempo take their configurations.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ExamplesIT {
  private static final Path EXAMPLES = Scratch.repository("deploy/examples");
  private static final Duration AT_MOST = Duration.ofSeconds(60);
  private static final Pattern OBJECT = Pattern.compile("(?m)^kind: ");
  private static final Pattern FENCE =
      Pattern.compile("(?m)^(<!-- needs a cluster: .* -->\\n)?```console\\n");
  private static final Pattern PATH = Pattern.compile("deploy/[\\w./-]+[\\w]");

  private Helm helm;
  private Acceptance acceptance;

  @BeforeAll
  void start() {
    helm = new Helm();
    acceptance =
        new Acceptance(
            Cluster.shared(),
            List.of("scopegate", "monitoring", "payments", "argocd", "kube-system"));
  }

  /** Whether this folder is tested here. */
  private static boolean isExample(Path folder) {
    return Files.exists(folder.resolve("README.md")) && folder.getParent().equals(EXAMPLES);
  }

  /** Whether this file is one of such a folder. */
  static boolean isOfExample(Path file) {
    return file.startsWith(EXAMPLES)
        && isExample(EXAMPLES.resolve(EXAMPLES.relativize(file).getName(0)));
  }

  private static List<String> examples() throws IOException {
    try (Stream<Path> folders = Files.list(EXAMPLES)) {
      return folders
          .filter(ExamplesIT::isExample)
          .map(folder -> folder.getFileName().toString())
          .sorted()
          .toList();
    }
  }

  /** Its files, without what {@code helm dependency build} leaves there. */
  private static List<Path> files(String example) throws IOException {
    Path folder = EXAMPLES.resolve(example);
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> !file.endsWith("README.md") && !file.endsWith("Chart.lock"))
          .filter(file -> !folder.relativize(file).startsWith("charts"))
          .sorted()
          .toList();
    }
  }

  private static boolean isChart(String example) {
    return Files.exists(EXAMPLES.resolve(example).resolve("Chart.yaml"));
  }

  private static List<Manifest> objects(String example) throws IOException {
    List<Manifest> all = new ArrayList<>();
    for (Path file : isChart(example) ? List.<Path>of() : files(example)) {
      String text = Scratch.read(file);
      if (OBJECT.matcher(text).find()) {
        all.addAll(Manifest.all(text));
      }
    }
    return all;
  }

  @Test
  void allOfThemAreFound() throws IOException {
    assertThat(examples()).hasSize(11).contains("tempo-distributed", "several-gateways");
  }

  @ParameterizedTest
  @MethodSource("examples")
  void itsObjectsAreAccepted(String example) throws IOException {
    List<Manifest> objects = objects(example);
    List<Manifest> rendered = rendered(example);

    assertThat(objects.size() + rendered.size()).isPositive();
    if (!objects.isEmpty()) {
      acceptance.takes(objects);
    }
    if (!rendered.isEmpty()) {
      acceptance.takes(rendered);
      assertThat(Acceptance.configurations(rendered)).isEqualTo(1);
    }
  }

  /** So that the test above means something for kinds of other projects. */
  @Test
  void unknownFieldsOfTheirKindsAreNotAccepted() throws IOException {
    Manifest tempo = objects("tempo-monolithic").get(0);
    String wrong = tempo.text().replace("  storage:\n", "  storages: {}\n  storage:\n");

    Http.Reply reply = Cluster.shared().dryRun(Manifest.all(wrong).get(0));

    assertThat(reply.status()).isGreaterThanOrEqualTo(400); // by server-side apply it is 500
    assertThat(reply.text()).contains("storages");
  }

  /** Each file is in the README's table, each path of a command is there, each command marked. */
  @ParameterizedTest
  @MethodSource("examples")
  void itsReadmeIsOnePageAndNamesItsFiles(String example) throws IOException {
    String readme = Scratch.read(EXAMPLES.resolve(example).resolve("README.md"));

    assertThat(readme.lines().count()).isLessThan(60);
    assertThat(files(example))
        .allSatisfy(file ->
            assertThat(readme)
                .contains(
                    "| [`%1$s`](%1$s) |".formatted(EXAMPLES.resolve(example).relativize(file))));
    assertThat(PATH.matcher(readme).results().map(found -> found.group()))
        .allSatisfy(path -> assertThat(Scratch.repository(path)).exists());
    assertThat(FENCE.matcher(readme).results())
        .isNotEmpty()
        .allSatisfy(fence -> assertThat(fence.group(1)).as("how its commands are run").isNotNull());
  }

  /** The Pod of the other chart has the gateway before its own containers, and goes on with it. */
  @Test
  void aChartOfOnesOwnHasTheGatewayAsANativeSidecar() throws IOException {
    List<Manifest> rendered = rendered("native-sidecar");
    Manifest pod =
        rendered.stream().filter(one -> one.kind().equals("StatefulSet")).findFirst().orElseThrow();
    String sidecar = pod.text().substring(pod.text().indexOf("initContainers:"));

    assertThat(sidecar)
        .containsSubsequence("name: scopegate\n", "restartPolicy: Always", "containers:");
    assertThat(rendered).noneMatch(one -> one.kind().equals("Deployment"));
    assertThat(text(rendered))
        .contains("serviceName: tempo-scopegate-headless", "app.kubernetes.io/name: tempo\n");
  }

  /** What the gateway forwards to is what the example's Tempo is called. */
  @Test
  void upstreamsAreTheServicesOfTheOperatorsTempo() throws IOException {
    for (Map.Entry<String, String> one :
        Map.of("tempo-monolithic", "tempo-%s.%s.svc", "tempo-stack", "tempo-%s-distributor.%s.svc")
            .entrySet()) {
      Manifest tempo = objects(one.getKey()).get(0);
      assertThat(text(rendered(one.getKey())))
          .contains("distributor: " + one.getValue().formatted(tempo.name(), tempo.namespace()))
          .contains("app.kubernetes.io/instance: " + tempo.name());
      assertThat(tempo.text()).contains("multitenancy_enabled: true");
    }
  }

  @Test
  void tempoTakesItsConfiguration() throws IOException {
    Path tempo = Parts.need("tempo");
    String yaml = data(objects("tempo-3"), "tempo.yaml");
    Path file = Scratch.write(Scratch.directory("example-tempo").resolve("tempo.yaml"), yaml);

    assertThat(verify(tempo, file).code()).as(verify(tempo, file).output()).isZero();
    Scratch.write(file, yaml.replace("live_store:", "live_stores:"));
    assertThat(verify(tempo, file).output()).contains("live_stores");
  }

  private static Part.Ended verify(Path tempo, Path file) {
    return Part.run(
        "tempo",
        Scratch.directory("example-tempo"),
        Map.of(),
        AT_MOST,
        List.of(tempo.toString(), "-config.file=" + file, "-config.verify=true"));
  }

  @Test
  void collectorsTakeTheirConfigurations() throws IOException {
    Path otelcol = Parts.need("otelcol");
    Manifest operated =
        objects("opentelemetry-operator").stream()
            .filter(one -> one.kind().equals("OpenTelemetryCollector"))
            .findFirst()
            .orElseThrow();
    Map<?, ?> spec = (Map<?, ?>) Acceptance.load(operated).get("spec");

    for (String yaml :
        List.of(
            new Dump(DumpSettings.builder().build()).dumpToString(spec.get("config")),
            data(objects("tenant-namespace"), "collector.yaml"))) {
      Path directory = Scratch.directory("example-collector");
      Path file = Scratch.write(directory.resolve("collector.yaml"), yaml);
      Part.Ended validated =
          Part.run(
              "otelcol",
              directory,
              Map.of(),
              AT_MOST,
              List.of(otelcol.toString(), "validate", "--config", file.toString()));
      assertThat(validated.code()).as(validated.output()).isZero();
    }
  }

  /** So that it stays what a reader gets for another tenant. */
  @Test
  void theAccountsOfATenantAreWhatTheProgramPrints() throws IOException {
    Path directory = Scratch.directory("example-tenant");
    Part.Ended printed =
        Part.run(
            "scopegate",
            directory,
            Map.of("CLASSPATH", GatewayJvm.classPath()),
            AT_MOST,
            GatewayJvm.of("tenant", "payments", "--mapping", "namespaced"));

    Path accounts = EXAMPLES.resolve("tenant-namespace/accounts.yaml");

    assertThat(printed.code()).isZero();
    if (Boolean.getBoolean("scopegate.docs.write")) {
      Scratch.write(accounts, printed.output());
    }
    assertThat(Scratch.read(accounts))
        .as("-Dscopegate.docs.write=true writes it again")
        .isEqualTo(printed.output());
  }

  /** Scopegate's chart with the values of the example, wherever they are. */
  private List<Manifest> rendered(String example) throws IOException {
    if (isChart(example)) {
      return helm.renderDependent(EXAMPLES.resolve(example), "tempo", "monitoring");
    }
    List<Path> values = new ArrayList<>();
    Path given = EXAMPLES.resolve(example).resolve("scopegate-values.yaml");
    if (Files.exists(given)) {
      values.add(given);
    }
    for (Manifest object : objects(example)) {
      Map<?, ?> spec = (Map<?, ?>) Acceptance.load(object).get("spec");
      Object within =
          switch (object.kind()) {
            case "Application" ->
                ((Map<?, ?>) ((Map<?, ?>) spec.get("source")).get("helm")).get("valuesObject");
            case "HelmChart" ->
                new Load(LoadSettings.builder().build())
                    .loadFromString(String.valueOf(spec.get("valuesContent")));
            default -> null;
          };
      if (within != null) {
        String yaml = new Dump(DumpSettings.builder().build()).dumpToString(within);
        values.add(Scratch.write(Scratch.directory("example").resolve("values.yaml"), yaml));
      }
    }
    assertThat(values).hasSizeLessThanOrEqualTo(1);
    return values.isEmpty()
        ? List.of()
        : helm.render("scopegate", "-n", "scopegate", "-f", values.get(0).toString());
  }

  private static String text(List<Manifest> manifests) {
    return manifests.stream().map(Manifest::text).collect(Collectors.joining("---\n"));
  }

  /** A key of the only ConfigMap that has it. */
  private static String data(List<Manifest> manifests, String key) {
    return manifests.stream()
        .filter(one -> one.kind().equals("ConfigMap"))
        .map(one -> ((Map<?, ?>) Acceptance.load(one).get("data")).get(key))
        .filter(String.class::isInstance)
        .map(String.class::cast)
        .findFirst()
        .orElseThrow();
  }
}
