package io.scopegate.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileWatcherTest {
  @TempDir private Path directory;
  private final FileWatcher watcher = new FileWatcher();
  private final List<String> told = new ArrayList<>();
  private Path file;

  @BeforeEach
  void createFile() throws IOException {
    file = Files.writeString(directory.resolve("file"), "one");
  }

  private FileWatcher.Watch watch() {
    return watcher.watch(List.of(file), this::tell);
  }

  private void tell() {
    try {
      told.add(Files.readString(file));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private void pollTwice() {
    watcher.poll();
    watcher.poll();
  }

  @Test
  void tellsAChangeOnceItIsStable() throws IOException {
    watch();
    pollTwice();
    assertThat(told).isEmpty();

    Files.writeString(file, "tw");
    watcher.poll();
    Files.writeString(file, "two");
    watcher.poll();
    assertThat(told).isEmpty();

    watcher.poll();
    pollTwice();
    assertThat(told).containsExactly("two");
  }

  @Test
  void followsTheLinkSwapOfAKubernetesVolume() throws IOException {
    // Given: ..data -> ..1, tls.crt -> ..data/tls.crt
    volume("..1", "old");
    Path data = Files.createSymbolicLink(directory.resolve("..data"), Path.of("..1"));
    file = Files.createSymbolicLink(directory.resolve("tls.crt"), Path.of("..data/tls.crt"));
    watch();

    // When: the kubelet writes ..2 and renames a fresh link over ..data
    volume("..2", "new");
    Path fresh = Files.createSymbolicLink(directory.resolve("..data_tmp"), Path.of("..2"));
    Files.move(fresh, data, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    Files.delete(directory.resolve("..1/tls.crt"));
    pollTwice();

    // Then
    assertThat(told).containsExactly("new");
  }

  private void volume(String name, String content) throws IOException {
    Files.createDirectory(directory.resolve(name));
    Files.writeString(directory.resolve(name).resolve("tls.crt"), content);
  }

  @Test
  void followsAnAtomicRename() throws IOException {
    watch();

    Path fresh = Files.writeString(directory.resolve("fresh"), "two");
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    pollTwice();

    assertThat(told).containsExactly("two");
  }

  @Test
  void waitsForADeletedFileToComeBack() throws IOException {
    watch();

    Files.delete(file);
    pollTwice();
    assertThat(told).isEmpty();

    Files.writeString(file, "two");
    pollTwice();
    assertThat(told).containsExactly("two");
  }

  @Test
  void tellsThatAFileIsMissingAndBack() throws IOException {
    List<Boolean> present = new ArrayList<>();
    watcher.watch(List.of(file), this::tell, present::add);

    Files.delete(file);
    watcher.poll();
    assertThat(present).isEmpty(); // it may be on its way to be replaced
    pollTwice();
    assertThat(present).containsExactly(false);

    Files.writeString(file, "one");
    pollTwice();
    assertThat(present).containsExactly(false, true);
    assertThat(told).isEmpty();

    Files.delete(file);
    pollTwice();
    Files.writeString(file, "two");
    pollTwice();
    assertThat(present).as("a change says by itself that it is back").hasSize(3);
    assertThat(told).containsExactly("two");
  }

  @Test
  void saysNothingWhenTheContentIsTheSame() throws IOException {
    watch();

    Files.delete(file);
    pollTwice();
    Files.writeString(file, "one");
    Files.setLastModifiedTime(file, FileTime.fromMillis(1));
    pollTwice();

    assertThat(told).isEmpty();
  }

  @Test
  void seesAChangeOfTheSameLengthAndTime() throws IOException {
    FileTime time = Files.getLastModifiedTime(file);
    watch();

    Files.writeString(file, "two");
    Files.setLastModifiedTime(file, time);
    pollTwice();

    assertThat(told).containsExactly("two");
  }

  @Test
  void tellsAFileThatWasNotThereAtFirst() throws IOException {
    Files.delete(file);
    watch();
    pollTwice();

    Files.writeString(file, "one");
    pollTwice();

    assertThat(told).containsExactly("one");
  }

  @Test
  void filesThatBelongTogetherAreToldTogether() throws IOException {
    Path key = Files.writeString(directory.resolve("key"), "1");
    watcher.watch(List.of(file, key), this::tell);

    Files.writeString(file, "two");
    Files.delete(key);
    pollTwice();
    assertThat(told).isEmpty();

    Files.writeString(key, "2");
    pollTwice();
    assertThat(told).containsExactly("two");
  }

  @Test
  void aCallbackThatFailsKeepsNoOtherFromRunning() throws IOException {
    watcher.watch(
        List.of(file),
        () -> {
          throw new IllegalStateException("on purpose");
        });
    watch();

    Files.writeString(file, "two");
    pollTwice();

    assertThat(told).containsExactly("two");
  }

  @Test
  void aClosedWatchIsSilent() throws IOException {
    watch().close();

    Files.writeString(file, "two");
    pollTwice();

    assertThat(told).isEmpty();
  }

  @Test
  void looksByItselfAtIntervals() throws Exception {
    ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
    CountDownLatch changed = new CountDownLatch(1);
    try (FileWatcher own = new FileWatcher(scheduler, Duration.ofMillis(1))) {
      own.watch(List.of(file), changed::countDown);

      Files.writeString(file, "two");

      assertThat(changed.await(20, TimeUnit.SECONDS)).isTrue();
    } finally {
      scheduler.shutdownNow();
    }
  }
}
