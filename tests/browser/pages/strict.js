document.querySelector("#pay").addEventListener("click", () => {
  new PaymentGateway({ key: "{{key}}", orderId: "{{order}}" }).open();
});
