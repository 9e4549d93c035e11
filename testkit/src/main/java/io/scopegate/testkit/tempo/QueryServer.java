package io.scopegate.testkit.tempo;

import io.scopegate.testkit.Fault;
import io.scopegate.testkit.FaultyServer;
import io.scopegate.testkit.Gate;
import io.scopegate.testkit.tempo.QueryHttp.Answer;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Objects;

/** Sends what {@link QueryHttp} answers, keeps the MCP conversations, and counts the forbidden. */
final class QueryServer {
  private static final int MCP_EVENTS = 3;

  private final QueryHttp api;
  private final Tenants tenants;
  private final Recorder recorder;
  private final Gate gate;
  private final Overrides overrides = new Overrides();

  QueryServer(QueryHttp api, Tenants tenants, Recorder recorder, Gate gate) {
    this.api = api;
    this.tenants = tenants;
    this.recorder = recorder;
    this.gate = gate;
  }

  void handle(HttpServerRequest request, Received received, Fault fault) {
    request.exceptionHandler(gone -> received.cancelledNow());
    request.response().exceptionHandler(gone -> received.cancelledNow());
    request.response().closeHandler(closed -> received.cancelledNow());
    if (!QueryHttp.isKnown(received.path())) {
      recorder.forbidden(received);
      send(request, received, Answer.text(200, "reached " + received.path()), fault);
      return;
    }
    List<String> ids = List.of();
    if (!QueryHttp.isOpen(received.path())) {
      try {
        ids = tenants.ofHttp(received.header(Tenants.HEADER));
        received.tenant(String.join("|", ids));
      } catch (IllegalArgumentException e) {
        send(request, received, Answer.text(401, String.valueOf(e.getMessage())), fault);
        return;
      }
    }
    List<String> asked = ids;
    request
        .body()
        .onSuccess(body -> {
          received.bodyBytes(body.length());
          received.end();
          answer(request, received, asked, body, fault);
        });
  }

  private void answer(
      HttpServerRequest request, Received received, List<String> ids, Buffer body, Fault fault) {
    if (received.path().equals("/api/mcp")) {
      mcp(request, received, body, fault);
      return;
    }
    Answer answer;
    try {
      answer =
          received.path().equals(Overrides.PATH)
              ? overrides.answer(request, String.join("|", ids), body)
              : api.answer(received.path(), request, ids, body);
    } catch (IllegalArgumentException | DecodeException e) {
      answer = Answer.text(400, String.valueOf(e.getMessage()));
    }
    send(request, received, answer, fault);
  }

  private void mcp(HttpServerRequest request, Received received, Buffer body, Fault fault) {
    request.response().putHeader("Mcp-Session-Id", "testkit-session");
    if (request.method() == HttpMethod.GET) {
      request.response().putHeader("content-type", "text/event-stream").setChunked(true);
      event(request.response(), received, 1, fault);
    } else if (request.method() == HttpMethod.DELETE) {
      send(request, received, Answer.text(200, ""), fault);
    } else {
      send(request, received, mcpAnswer(body), fault);
    }
  }

  private static Answer mcpAnswer(Buffer body) {
    JsonObject call;
    try {
      call = new JsonObject(body);
    } catch (DecodeException e) {
      return Answer.text(400, "not JSON-RPC");
    }
    JsonObject result =
        new JsonObject()
            .put("protocolVersion", "2025-06-18")
            .put("serverInfo", new JsonObject().put("name", "tempo").put("version", "testkit"))
            .put("method", call.getString("method", ""));
    JsonObject answer =
        new JsonObject().put("jsonrpc", "2.0").put("id", call.getValue("id")).put("result", result);
    return new Answer(200, "application/json", answer.toBuffer());
  }

  private void event(HttpServerResponse response, Received received, int number, Fault fault) {
    if (number > MCP_EVENTS) {
      response.end().onSuccess(sent -> received.answeredNow());
      return;
    }
    Context context = Objects.requireNonNull(Vertx.currentContext());
    gate.pass()
        .onSuccess(turn ->
            context.runOnContext(go -> {
              if (response.ended() || response.closed()) {
                return;
              }
              response
                  .write("event: message\ndata: {\"number\":" + number + "}\n\n")
                  .onSuccess(sent -> {
                    received.messageSent();
                    event(response, received, number + 1, fault);
                  });
            }));
  }

  private static void send(
      HttpServerRequest request, Received received, Answer answer, Fault fault) {
    HttpServerResponse response = request.response();
    response.setStatusCode(answer.status()).putHeader("content-type", answer.type());
    if (fault.type() == Fault.Type.RESET_AFTER) {
      int length = (int) Math.min(fault.after(), answer.body().length());
      response.putHeader("content-length", Integer.toString(answer.body().length() + 1));
      response
          .write(answer.body().slice(0, length))
          .onComplete(written -> FaultyServer.reset(request));
      return;
    }
    response.end(answer.body()).onSuccess(sent -> received.answeredNow());
  }
}
