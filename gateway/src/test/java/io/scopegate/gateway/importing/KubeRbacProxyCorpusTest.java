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

/** Command lines of kube-rbac-proxy as public repositories have them. */
final class KubeRbacProxyCorpusTest {
  private static final String CONFIG = "--config-file=";

  /** What is said of each import. */
  private static final List<String> ALWAYS =
      List.of(
          "A request that cannot be decided because the API server does not answer gets 503",
          "Identity headers (x-remote-*, ",
          "Metrics, /livez and /readyz are on a free port of loopback");

  @TempDir private Path directory;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  /**
   * A command line.
   *
   * @param name the repository and the file, and which of it
   * @param flags one each
   * @param notes how what is said of it begins, beyond what is said of all
   */
  private record Invocation(String name, List<String> flags, List<String> notes) {
    Invocation(String name) {
      this(name, new ArrayList<>(), new ArrayList<>());
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
        if (line.startsWith("  * ")) {
          all.get(all.size() - 1).notes.add(line.substring("  * ".length()));
        } else if (line.startsWith("  ")) {
          all.get(all.size() - 1).flags.add(line.strip());
        } else {
          all.add(new Invocation(line));
        }
      }
    }
    return all.stream();
  }

  @Test
  void thereAreAtLeastFiftyOfThem() throws IOException {
    assertThat(invocations().map(Invocation::name).distinct().count()).isGreaterThanOrEqualTo(50);
  }

  private List<String> flags(Invocation invocation) throws IOException {
    List<String> flags = new ArrayList<>();
    for (String flag : invocation.flags) {
      flags.add(flag.startsWith(CONFIG) ? CONFIG + config(flag.substring(CONFIG.length())) : flag);
    }
    return flags;
  }

  private Path config(String name) throws IOException {
    try (InputStream in =
        KubeRbacProxyCorpusTest.class.getResourceAsStream("kube-rbac-proxy-configs/" + name)) {
      return Files.write(directory.resolve(name), Objects.requireNonNull(in, name).readAllBytes());
    }
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
    List<String> comments = yaml.lines().takeWhile(line -> line.startsWith("#")).toList();
    assertThat(comments.subList(1, comments.size()))
        .allMatch(line -> line.startsWith("# - ") || line.startsWith("#   "));
    List<String> notes = notes(comments);
    for (String expected : ALWAYS) {
      assertThat(notes).as(expected).anyMatch(note -> note.startsWith(expected));
    }
    notes.removeIf(note -> ALWAYS.stream().anyMatch(note::startsWith));
    assertThat(notes).hasSameSizeAs(invocation.notes);
    for (int i = 0; i < notes.size(); i++) {
      assertThat(notes.get(i)).startsWith(invocation.notes.get(i));
    }
  }

  /** Each in one line. */
  private static List<String> notes(List<String> comments) {
    List<String> notes = new ArrayList<>();
    for (String line : comments.subList(1, comments.size())) {
      if (line.startsWith("# - ")) {
        notes.add(line.substring("# - ".length()));
      } else {
        notes.add(notes.remove(notes.size() - 1) + " " + line.substring("#   ".length()));
      }
    }
    return notes;
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
