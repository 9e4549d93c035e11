package io.scopegate.gateway.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever others do with the file, lines go on. */
final class AppendedFileTest {
  private static final long SECOND = 1_000_000_000L;

  @TempDir private Path directory;
  private final AtomicLong now = new AtomicLong();
  private Path path;
  private AppendedFile file;

  @BeforeEach
  void open() {
    path = directory.resolve("audit.log");
    file = new AppendedFile(path, now::get);
  }

  @AfterEach
  void close() {
    file.close();
  }

  private void write(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    file.write(bytes, 0, bytes.length);
  }

  @Test
  void goesOnBehindWhatIsThere() throws IOException {
    Files.writeString(path, "before\n");
    write("one\n");
    write("two\n");
    assertThat(path).hasContent("before\none\ntwo\n");
    assertThat(file.lost()).isZero();
  }

  @Test
  void aFileThatIsRenamedIsFollowedByANewOne() throws IOException {
    write("one\n");
    Path old = Files.move(path, directory.resolve("audit.log.1"));
    write("two\n");
    now.addAndGet(SECOND);
    write("three\n");
    assertThat(old).as("within a second").hasContent("one\ntwo\n");
    assertThat(path).hasContent("three\n");
  }

  @Test
  void aFileThatIsEmptiedIsFilledFromItsBeginning() throws IOException {
    write("one\n");
    Files.writeString(path, "");
    write("two\n");
    assertThat(path).hasContent("two\n");
  }

  @Test
  void aFileThatIsDeletedIsFollowedByANewOne() throws IOException {
    write("one\n");
    Files.delete(path);
    now.addAndGet(SECOND);
    write("two\n");
    assertThat(path).hasContent("two\n");
  }

  @Test
  void withoutItsDirectoryLinesAreLostUntilItIsBack() throws IOException {
    Path later = directory.resolve("later");
    file = new AppendedFile(later.resolve("audit.log"), now::get);
    write("one\ntwo\n");
    write("three\n");
    assertThat(file.lost()).isEqualTo(3);
    Files.createDirectory(later);
    write("four\n");
    assertThat(later.resolve("audit.log")).hasContent("four\n");
    assertThat(file.lost()).isEqualTo(3);
  }

  @Test
  void aFullDiskLosesLinesAndNothingElse() {
    Path full = Path.of("/dev/full");
    Assumptions.assumeTrue(Files.isWritable(full), "no /dev/full: not Linux");
    file = new AppendedFile(full, now::get);
    for (int i = 0; i < 100; i++) {
      write("line\n");
    }
    assertThat(file.lost()).isEqualTo(100);
  }
}
