package io.scopegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a release is made by: the script that cuts its notes, and the workflows. */
class ReleaseTest {
  private static final Path TOP = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern USES = Pattern.compile("(?m)^\\s*(?:- )?uses: (\\S+)(.*)$");
  private static final Pattern COMMIT = Pattern.compile("[\\w./-]+@[0-9a-f]{40}");

  /** No commit of it was known for certain; everything else is pinned by one. */
  private static final String BY_MAJOR_VERSION = "actions/attest-build-provenance@v3";

  @TempDir private Path directory;

  private record Ended(int code, String output) {}

  @Test
  void notesAreTheSectionOfTheVersionAndNothingElse() throws Exception {
    Path changelog =
        changelog(
            """
            # Changelog

            ## [Unreleased]
            - not yet

            ## [1.10.0] - 2026-12-24

            ### Added
            - See [the guide](docs/guides/limits.md#rates), [here](CONTRIBUTING.md) and
              [there](https://example.com/docs/x.md), or [below](#known-limits).

            ## [1.1.0]
            - long ago
            """);

    Ended ended = notes(changelog, "1.10.0");

    assertThat(ended)
        .isEqualTo(
            new Ended(
                0,
                """
                ### Added
                - See [the guide](BLOB/docs/guides/limits.md#rates), [here](BLOB/CONTRIBUTING.md) and
                  [there](https://example.com/docs/x.md), or [below](#known-limits).
                """
                    .replace("BLOB", "https://github.com/scopegate/scopegate/blob/v1.10.0")));
    assertThat(notes(changelog, "1.1.0").output()).isEqualTo("- long ago\n");
  }

  @Test
  void withoutASectionThereIsNoRelease() throws Exception {
    Path changelog =
        changelog("# Changelog\n## [Unreleased]\n- x\n## [1.0.0]\n\n## [0.9.0]\n- y\n");

    assertThat(notes(changelog, "1.0.1"))
        .isEqualTo(
            new Ended(1, "release-notes: " + changelog + " has no section \"## [1.0.1]\"\n"));
    assertThat(notes(changelog, "1.0.0"))
        .isEqualTo(
            new Ended(1, "release-notes: " + changelog + ": the section of 1.0.0 is empty\n"));
    assertThat(notes(changelog, "v1.0.0").output()).contains("(expected: X.Y.Z)");
    assertThat(notes(changelog, "Unreleased").code()).isEqualTo(1);
  }

  @Test
  void aTagThatTheFilesDoNotHaveIsNoRelease() throws Exception {
    Path changelog = changelog("## [99.0.0]\n- y\n");

    Ended ended = notes(changelog, "--check", "99.0.0");

    assertThat(ended.code()).isEqualTo(1);
    assertThat(ended.output())
        .startsWith("release-notes: pom.xml: ")
        .endsWith("(expected: 99.0.0, as the tag)\n");
  }

  @Test
  void everyActionIsPinned() throws IOException {
    List<String> actions = new ArrayList<>();
    for (Path file : workflows()) {
      USES.matcher(Files.readString(file))
          .results()
          .forEach(found -> {
            actions.add(found.group(1));
            if (!found.group(1).equals(BY_MAJOR_VERSION)) {
              assertThat(found.group(1)).as(file.toString()).matches(COMMIT);
              assertThat(found.group(2)).as(found.group(1)).matches(" # v\\d+\\.\\d+\\.\\d+");
            }
          });
    }
    assertThat(actions).hasSizeGreaterThan(5);
  }

  /** A pull request may come from anybody. */
  @Test
  void aPullRequestCanPublishNothing() throws IOException {
    for (Path file : workflows()) {
      String workflow = Files.readString(file);
      assertThat(workflow).as("%s", file).contains("\npermissions:\n  contents: read\n");
      assertThat(workflow).as("%s", file).doesNotContain("pull_request_target", "secrets.");
      if (workflow.contains("pull_request")) {
        assertThat(workflow).as("%s", file).doesNotContain(": write", "github.token");
      }
    }
    assertThat(Files.readString(TOP.resolve(".github/workflows/release.yml")))
        .contains("on:\n  push:\n    tags: [")
        .doesNotContain("pull_request", "branches:");
  }

  private static List<Path> workflows() throws IOException {
    try (Stream<Path> files = Files.list(TOP.resolve(".github/workflows"))) {
      List<Path> all = files.sorted().toList();
      assertThat(all).hasSizeGreaterThanOrEqualTo(2);
      return all;
    }
  }

  private Path changelog(String text) throws IOException {
    return Files.writeString(directory.resolve("CHANGELOG.md"), text);
  }

  private static Ended notes(Path changelog, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(TOP.resolve(".ci/release-notes").toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder script = new ProcessBuilder(command).redirectErrorStream(true);
    script.environment().put("SCOPEGATE_CHANGELOG", changelog.toString());
    Process process = script.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ended(process.waitFor(), output);
  }
}
