package io.scopegate.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.TooLongFrameException;
import io.scopegate.config.Secret;
import io.vertx.core.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What Redis may answer before the driver makes room for it. */
class RedisAnswerBoundsTest {
  private static final String NUMBER = ":-9223372036854775808\r\n";

  private final EmbeddedChannel channel = new EmbeddedChannel(new RedisAnswerBounds());

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "+OK\r\n",
        "-NOSCRIPT no matching script\r\n",
        ":1\r\n",
        "$-1\r\n",
        "$0\r\n\r\n",
        "$7\r\n*999999\r\n",
        "*-1\r\n",
        "*0\r\n",
        "*3\r\n:1\r\n$2\r\nab\r\n:-2\r\n",
        "*2\r\n*2\r\n:1\r\n:2\r\n*0\r\n",
        "+OK\r\n*1\r\n:1\r\n+OK\r\n"
      })
  void passesOrdinaryAnswersByteByByte(String answer) {
    for (byte b : bytes(answer)) {
      receive(new byte[] {b});
    }

    assertThat(received()).isEqualTo(answer);
    assertThat(channel.isOpen()).isTrue();
  }

  @Test
  void passesTheLargestAnswerOfTheScriptOnAndOn() {
    String largest = "*257\r\n" + NUMBER.repeat(257);

    for (int i = 0; i < 100; i++) {
      receive(bytes(largest));
      assertThat(received()).isEqualTo(largest);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "*1025\r\n",
        "*2147483647\r\n",
        "*99999999999999999999\r\n",
        "*2\r\n*600\r\n:1\r\n*600\r\n", // together
        "*1\r\n*1024\r\n",
        "$65536\r\n" // announced, and then too much
      })
  void closesBeforeAnAnswerThatIsTooLarge(String answer) {
    assertThatThrownBy(() -> receive(bytes(answer + NUMBER.repeat(4_000))))
        .isInstanceOf(TooLongFrameException.class)
        .hasMessageContaining("more than");

    assertThat(channel.isOpen()).isFalse();
    assertThat(received()).isEmpty();
  }

  @Test
  void closesWhenALineDoesNotEnd() {
    assertThatThrownBy(
            () -> {
              for (int i = 0; i <= RedisAnswerBounds.MOST_BYTES; i++) {
                receive(bytes("+"));
              }
            })
        .isInstanceOf(TooLongFrameException.class);

    assertThat(channel.isOpen()).isFalse();
  }

  /** A list could hide in what only this takes for a string. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "+a\n$60000\r\n",
        "+a\r$60000\r\n",
        "$1\n",
        "$\r\n",
        "$-\r\n",
        "$-2\r\n",
        "$1-\r\n",
        "$ 1\r\n",
        "*+1\r\n",
        "%1\r\n",
        ">1\r\n",
        "HTTP/1.1 200 OK\r\n"
      })
  void closesWhereAnotherReaderMightReadSomethingElse(String answer) {
    assertThatThrownBy(() -> receive(bytes(answer))).isInstanceOf(TooLongFrameException.class);

    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void isInTheConnectionsOfTheStore() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      CompletableFuture<Boolean> hungUp =
          CompletableFuture.supplyAsync(() -> answerOnce(server, "*2147483647\r\n"));
      Secret url = Secret.parse("redis://127.0.0.1:" + server.getLocalPort());
      RedisBudgetStore store =
          new RedisBudgetStore(
              new StoreConfig(
                  StoreConfig.Type.REDIS,
                  url,
                  null,
                  false,
                  null,
                  "test",
                  StoreConfig.OnError.LOCAL));
      try {
        Future<SharedBudgetStore.Answer> exchange = store.exchange(List.of());
        assertThatThrownBy(
                () -> exchange.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS))
            .isInstanceOf(ExecutionException.class)
            .hasStackTraceContaining("elements of an answer of Redis: more than 1024");
        assertThat(hungUp.get(30, TimeUnit.SECONDS)).isTrue();
      } finally {
        store.close();
      }
    }
  }

  /** Says OK to the driver until it asks for the script; whether it hangs up then. */
  private static boolean answerOnce(ServerSocket server, String answer) {
    try (Socket client = server.accept()) {
      client.setSoTimeout((int) Duration.ofSeconds(30).toMillis());
      byte[] asked = new byte[16 << 10];
      boolean isScript = false;
      for (int n; (n = client.getInputStream().read(asked)) > 0; ) {
        String text = new String(asked, 0, n, StandardCharsets.UTF_8);
        if (!isScript) {
          isScript = text.contains("EVAL");
          long commands = text.lines().filter(line -> line.startsWith("*")).count();
          String said = isScript ? answer : "+OK\r\n".repeat((int) commands);
          client.getOutputStream().write(bytes(said));
        }
      }
      return isScript;
    } catch (IOException reset) {
      return true;
    }
  }

  private void receive(byte[] bytes) {
    channel.writeInbound(Unpooled.wrappedBuffer(bytes));
  }

  private String received() {
    StringBuilder all = new StringBuilder();
    for (ByteBuf next; (next = channel.readInbound()) != null; next.release()) {
      all.append(next.toString(StandardCharsets.ISO_8859_1));
    }
    return all.toString();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
