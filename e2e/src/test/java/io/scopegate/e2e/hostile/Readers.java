package io.scopegate.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.e2e.KeptAlive;
import io.scopegate.e2e.Rpc;
import io.scopegate.testkit.tempo.proto.SearchRequest;
import io.vertx.grpc.common.GrpcStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Readers of the honest tenant, who try nothing twice. Each method is for one thread. */
final class Readers implements AutoCloseable {
  private static final String SEARCH = "tempopb.StreamingQuerier/Search";
  private static final int ANSWER_SECONDS = 30;

  private final Target target;
  private final Rpc rpc;
  private final String token;
  private final byte[] search;
  private @Nullable KeptAlive connection;
  private @Nullable KeptAlive past;
  private int newcomers;

  Readers(Target target, Rpc rpc) {
    this.target = target;
    this.rpc = rpc;
    this.token = target.around().honestToken();
    this.search = KeptAlive.search(token, Surroundings.HONEST);
  }

  /** A search whose answer comes in pieces, all of which have to come. */
  void stream() throws Exception {
    Rpc.Called called =
        rpc.start(
                target.port(Listener.QUERY),
                SEARCH,
                SearchRequest.getDefaultInstance(),
                "authorization",
                "Bearer " + token,
                "x-scope-orgid",
                Surroundings.HONEST)
            .toCompletionStage()
            .toCompletableFuture()
            .get(ANSWER_SECONDS, TimeUnit.SECONDS);
    assertThat(called.status()).as(called.message()).isEqualTo(GrpcStatus.OK);
    assertThat(called.messages()).hasSize(Surroundings.MESSAGES);
  }

  /** A search on a connection that is kept. */
  void search() throws IOException {
    KeptAlive open = connection;
    if (open == null) {
      open = KeptAlive.connect(target.port(Listener.QUERY));
      connection = open;
    }
    try {
      assertThat(open.status(search)).isEqualTo(200);
    } catch (IOException | AssertionError e) {
      open.close();
      connection = null;
      throw e;
    }
  }

  /** A search past the gateway, on a connection that is kept. */
  void searchDirectly() throws IOException {
    KeptAlive open = past;
    if (open == null) {
      open = KeptAlive.connect(target.around().tempo().queryPort());
      past = open;
    }
    assertThat(open.status(search)).isEqualTo(200);
  }

  /** A first search, by turns with a token of the cluster's and of single sign-on. */
  void comeAsNew() throws IOException {
    String fresh =
        newcomers++ % 2 == 0
            ? target.around().newHonestToken()
            : target.around().keys().token("reader");
    try (KeptAlive first = KeptAlive.connect(target.port(Listener.QUERY))) {
      assertThat(first.status(KeptAlive.search(fresh, Surroundings.HONEST))).isEqualTo(200);
    }
  }

  @Override
  public void close() {
    try {
      if (connection != null) {
        connection.close();
      }
      if (past != null) {
        past.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
